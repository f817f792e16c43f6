-- What comes in.

-- R1: An inbound event is stored once.
-- examined
select count(*) from messaging_inboundevent
-- violations
select id from (
    select id, count(*) over (partition by account_id, event_key) as times
    from messaging_inboundevent
) counted where times > 1

-- R2: An inbound event is handled or parked within 5 minutes.
-- examined
select count(*) from messaging_inboundevent
-- violations
select id from messaging_inboundevent
where processed_at is null and not parked and received_at < %(now)s - interval '5 minutes'

-- R3: An inbound text has exactly one event, and a handled event has its text.
-- examined
select count(*) from messaging_message where direction = 'in'
-- violations
select m.id::text from messaging_message m
left join messaging_inboundevent e on e.message_id = m.id
where m.direction = 'in' group by m.id having count(e.id) <> 1
union all
select 'event ' || id from messaging_inboundevent
where processed_at is not null and not parked and message_id is null
