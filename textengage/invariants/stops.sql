-- Do Not Text.
with reach (attempt_id, message_id, wire_at, optout_id, effective_at, revoked_at) as (
    -- Hand-overs and the opt-outs that speak of their address, whatever the channel.
    select a.id, m.id, a.wire_at, o.id, greatest(o.effective_at, om.since), o.revoked_at
    from messaging_attempt a
    join messaging_message m on m.id = a.message_id
    join messaging_address i on i.id = m.address_id
    join messaging_optoutmember om
        on om.customer_id = m.customer_id and om.address_key = i.address_key
    join messaging_optout o on o.id = om.optout_id
    where m.direction = 'out' and m.kind <> 'compliance' and a.wire_at is not null
        and (o.team_id is null or o.team_id = any (m.sender_team_path))
),
stop_words (word) as (
    values ('stop'), ('stopall'), ('stop all'), ('unsubscribe'), ('cancel'), ('end'), ('quit'),
        ('revoke'), ('optout'), ('opt out'), ('opt-out'), ('remove'), ('unsub'), ('stop2quit'),
        ('arret'), ('arrêt'), ('arrÊt'), ('alto'), ('parar'), ('退订'), ('td')
),
around (one) as (
    -- What may surround a stop word: space, punctuation, quotes, zero-width signs, emoji.
    values ('[]\s!"#%%&''()*,./:;?@[\\_{}\u00a0\u00a1\u00ab\u00bb\u00bf\u2000-\u206f\u2600-\u27bf'
        '\u3000-\u303f\ufe00-\ufe0f\ufeff\U0001f000-\U0001faff-]')
),
stops as (
    -- The whole text is one stop word in any case. No class here hangs on the server's locale.
    -- A text that came late was heard when it was found.
    select m.id, m.customer_id, m.conversation_id, m.created_at, i.address_key,
        coalesce(m.recovered_at, m.created_at) as heard_at
    from messaging_message m
    join messaging_address i on i.id = m.address_id
    cross join around
    join stop_words on word = regexp_replace(
        lower(normalize(m.body, nfkc)), '^' || one || '+|' || one || '+$', '', 'g')
    where m.direction = 'in' and length(m.body) < 100
),
confirmations as (
    select o.id as optout_id, o.effective_at, m.created_at
    from messaging_message m join messaging_optout o on o.id = m.optout_id
    where m.kind = 'compliance'
)

-- S1: Nothing goes to the wire while a person's Do Not Text is in force, on any channel.
-- examined
select count(*) from reach
-- violations
select distinct message_id from reach
where wire_at >= effective_at and wire_at < coalesce(revoked_at, 'infinity')

-- S2: A stop word makes an opt-out in force within 5 seconds.
-- examined
select count(*) from stops
-- violations
select s.id from stops s
where s.heard_at < %(now)s - interval '5 seconds' and not exists (
    select from messaging_optoutmember om join messaging_optout o on o.id = om.optout_id
    where om.customer_id = s.customer_id and om.address_key = s.address_key
        and o.effective_at <= s.heard_at + interval '5 seconds'
        and coalesce(o.revoked_at, 'infinity') > s.created_at)
    and not exists (
    -- The person had written START since: the last word counts.
    select from messaging_message m cross join around
    where m.conversation_id = s.conversation_id and m.direction = 'in'
        and m.created_at > s.created_at and m.created_at <= s.heard_at + interval '5 seconds'
        and regexp_replace(lower(normalize(m.body, nfkc)),
            '^' || one || '+|' || one || '+$', '', 'g') in ('start', 'unstop'))

-- S3: An opt-out is confirmed at most once, within 5 minutes.
-- examined
select count(*) from confirmations
-- violations
select optout_id from confirmations group by optout_id, effective_at
having count(*) > 1
    or min(created_at) < effective_at
    or max(created_at) > effective_at + interval '5 minutes'
