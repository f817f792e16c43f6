-- What it costs: the ledger, and the 45 days (3,888,000 s) derived again from the texts alone.
with counted as (
    -- Texts that left, may have left, or are leaving. Compliance replies never count.
    select id, customer_id, contact_key, decided_at from messaging_message
    where direction = 'out' and kind <> 'compliance'
        and state in ('claimed', 'sending', 'accepted', 'sent', 'delivered', 'undelivered', 'read',
            'uncertain', 'unconfirmed')
),
texts as (
    -- The instant of the text before: an earlier one to the person, or one that a merge
    -- carried to the person before this one was decided.
    select c.id, c.decided_at - greatest(
        lag(c.decided_at) over (
            partition by c.customer_id, c.contact_key order by c.decided_at, c.id
        ),
        (select max(l.carried_at) from credits_ledgerentry l
            where l.kind = 'carry' and l.customer_id = c.customer_id
                and l.contact_key = c.contact_key and l.at <= c.decided_at)
    ) as gap
    from counted c
),
live as (
    select * from credits_ledgerentry l
    where l.kind = 'charge'
        and not exists (select from credits_ledgerentry r where r.reverses_id = l.id)
),
balances (id, kept, moved) as (
    select customer_id, coalesce(b.balance, 0), coalesce(l.moved, 0)
    from credits_balance b full join (
        select customer_id, sum(delta) as moved from credits_ledgerentry group by customer_id
    ) l using (customer_id)
    union all
    select g.id, g.remaining, coalesce(sum(l.delta), 0)
    from credits_grant g left join credits_ledgerentry l on l.grant_id = g.id
    group by g.id, g.remaining
)

-- C1: A balance is the sum of its ledger, and so is what is left of each grant.
-- examined
select count(*) from balances
-- violations
select id from balances where kept <> moved

-- C2: The running sum of a customer's ledger is never below zero.
-- examined
select count(*) from credits_ledgerentry
-- violations
select id from (
    select id, sum(delta) over (partition by customer_id order by at, id) as running
    from credits_ledgerentry
) summed where running < 0

-- C3: A first text, or one more than 45 days after the last, has exactly one live charge.
-- examined
select count(*) from texts where gap is null or gap > interval '3888000 seconds'
-- violations
select t.id from texts t left join live on live.message_id = t.id
where t.gap is null or t.gap > interval '3888000 seconds'
group by t.id having count(live.id) <> 1

-- C4: A text within 45 days of the last has no live charge.
-- examined
select count(*) from texts where gap <= interval '3888000 seconds'
-- violations
select distinct t.id from texts t join live on live.message_id = t.id
where t.gap <= interval '3888000 seconds'

-- C5: A charge is reversed at most once, by its exact amount.
-- examined
select count(*) from credits_ledgerentry where reverses_id is not null
-- violations
select l.id from credits_ledgerentry l join credits_ledgerentry r on r.reverses_id = l.id
group by l.id having count(*) > 1 or sum(r.delta) <> -l.delta or l.kind <> 'charge'

-- C6: A text that surely was not sent holds no live charge.
-- examined
select count(distinct m.id) from messaging_message m
join credits_ledgerentry l on l.message_id = m.id and l.kind = 'charge'
where m.state in ('queued', 'held', 'refused', 'failed', 'canceled', 'expired')
-- violations
select distinct m.id from messaging_message m join live on live.message_id = m.id
where m.state in ('queued', 'held', 'refused', 'failed', 'canceled', 'expired')

-- C7: A charge is for an outbound text, of the text's customer and, while it holds, its person.
-- examined
select count(*) from credits_ledgerentry where kind = 'charge'
-- violations
select l.id from credits_ledgerentry l left join messaging_message m on m.id = l.message_id
where l.kind = 'charge' and (
    m.id is null or m.customer_id <> l.customer_id
    or m.direction <> 'out' or m.kind = 'compliance'
    -- A text given back, merged and claimed again keeps the old person on the old charge.
    or (m.contact_key is distinct from l.contact_key
        and exists (select from live where live.id = l.id)))
