-- What we send: in named states, once each, forward only.
with given (account_id, provider_sid, message_id) as (
    -- Every sign that a provider's id belongs to a text: its row, its attempts, signed receipts.
    select account_id, provider_sid, id from messaging_message where provider_sid is not null
    union
    select m.account_id, a.provider_sid, m.id
    from messaging_attempt a join messaging_message m on m.id = a.message_id
    where a.provider_sid <> ''
    union
    select r.account_id, r.provider_sid, a.message_id
    from messaging_receipt r join messaging_attempt a on a.id = r.attempt_id
),
ladder (state, step) as (
    values ('accepted', 1), ('sent', 2), ('undelivered', 3), ('delivered', 4), ('read', 5)
),
reported (status, step) as (
    -- The provider's failed comes after acceptance: to us it is undelivered.
    values ('accepted', 1), ('scheduled', 1), ('queued', 1), ('sending', 1), ('sent', 2),
        ('failed', 3), ('undelivered', 3), ('delivered', 4), ('read', 5)
),
evidence (message_id, status, is_due) as (
    -- A receipt is stored first and applied after; ten minutes are more than enough for it.
    select m.id, r.status, r.applied_at is not null or r.received_at < %(now)s - interval '10 minutes'
    from messaging_receipt r
    join messaging_message m on m.account_id = r.account_id and m.provider_sid = r.provider_sid
    union
    -- Before the provider's id is known, the attempt in the callback's address binds it.
    select m.id, r.status, r.applied_at is not null or r.received_at < %(now)s - interval '10 minutes'
    from messaging_receipt r
    join messaging_attempt a on a.id = r.attempt_id
    join messaging_message m on m.id = a.message_id
)

-- O1: One provider id belongs to one text.
-- examined
select count(distinct (account_id, provider_sid)) from given
-- violations
select distinct message_id from (
    select message_id, count(*) over (partition by account_id, provider_sid) as texts from given
) counted where texts > 1

-- O2: One text has at most one provider id, so it was accepted at most once.
-- examined
select count(distinct message_id) from given
-- violations
select message_id from given group by message_id having count(distinct provider_sid) > 1

-- O3: A text the provider took has its account there, its id and the time.
-- examined
select count(*) from messaging_message
where direction = 'out' and state in ('accepted', 'sent', 'delivered', 'undelivered', 'read')
-- violations
select id from messaging_message
where direction = 'out' and state in ('accepted', 'sent', 'delivered', 'undelivered', 'read')
    and (accepted_at is null or account_id is null
        -- WeChat answers without an id.
        or (provider_sid is null and provider <> 'wechat'))

-- O4: No claim outlives its lease: none reaches the wire after 60 s, none is left after 90 s.
-- examined
select count(*) from messaging_attempt
-- violations
select message_id from messaging_attempt where wire_at > claimed_at + interval '60 seconds'
union
select id from messaging_message
where state in ('claimed', 'sending') and state_changed_at < %(now)s - interval '90 seconds'

-- O5: No text handed to the provider stays uncertain for more than 24 hours.
-- examined
select count(*) from messaging_message m
where exists (select from messaging_attempt a where a.message_id = m.id and a.wire_at is not null)
-- violations
select id from messaging_message
where state = 'uncertain' and state_changed_at < %(now)s - interval '24 hours'

-- O6: An open attempt is the newest one of a text in flight.
-- examined
select count(*) from messaging_attempt
-- violations
select a.id from messaging_attempt a join messaging_message m on m.id = a.message_id
where a.finished_at is null
    and (m.state not in ('claimed', 'sending', 'uncertain') or exists (
        select from messaging_attempt n where n.message_id = a.message_id and n.number > a.number
    ))

-- O7: An idempotency key is used once in a customer.
-- examined
select count(*) from messaging_message where idempotency_key is not null
-- violations
select id from (
    select id, count(*) over (partition by customer_id, idempotency_key) as uses
    from messaging_message where idempotency_key is not null
) counted where uses > 1

-- O8: A text's state is never below the best receipt.
-- examined
select count(distinct message_id) from evidence
-- violations
select m.id from evidence e join reported using (status)
join messaging_message m on m.id = e.message_id left join ladder on ladder.state = m.state
where e.is_due
group by m.id, ladder.step having max(reported.step) > coalesce(ladder.step, 0)

-- O9: A receipt finds its text within 10 minutes or is parked.
-- examined
select count(*) from messaging_receipt
-- violations
select r.id from messaging_receipt r
where not r.parked and r.received_at < %(now)s - interval '10 minutes'
    and not exists (select from messaging_message m
        where m.account_id = r.account_id and m.provider_sid = r.provider_sid)
    and not exists (select from messaging_attempt a where a.id = r.attempt_id)

-- O10: At most one text to a person is claimed, sending or uncertain.
-- examined
select count(distinct (customer_id, contact_key)) from messaging_message
where direction = 'out' and contact_key is not null
-- violations
select id from (
    select id, count(*) over (partition by customer_id, contact_key) as in_flight
    from messaging_message
    where state in ('claimed', 'sending', 'uncertain') and contact_key is not null
) counted where in_flight > 1

-- O11: A receipt is stored and applied once.
-- examined
select count(*) from messaging_receipt where applied_at is not null
-- violations
select id from (
    select id, count(*) over (partition by account_id, provider_sid, status, error_code) as times
    from messaging_receipt where applied_at is not null
) counted where times > 1
