-- What stays: purge, audit, timetable.
with purged as (select * from messaging_candidate where purged_at is not null),
purged_texts as (select m.* from messaging_message m join purged p on p.id = m.candidate_id)

-- P1: A purged candidate leaves no name, address or text behind.
-- examined
select count(*) from purged
-- violations
select id from purged
where first_name is not null or last_name is not null
    or email <> '' or current_title <> '' or job <> ''
union
select candidate_id from messaging_address where candidate_id in (select id from purged)
union
select candidate_id from messaging_conversation
where last_preview <> '' and candidate_id in (select id from purged)
union
select candidate_id from purged_texts where body is not null
union
select t.candidate_id from purged_texts t
join messaging_inboundevent e on e.message_id = t.id where e.body <> '{}'
union
select t.candidate_id from purged_texts t
join messaging_receipt r on r.account_id = t.account_id and r.provider_sid = t.provider_sid
where r.body <> '{}'

-- P2: The audit holds no phone number and no e-mail address.
-- examined
select count(*) from accounts_auditentry
-- violations
select id from accounts_auditentry
where detail::text ~ '\+[1-9][0-9]{6,14}' or detail::text ~ '[^[:space:]]+@[^[:space:]]+\.[A-Za-z]{2,}'

-- B1: A job of the timetable runs once per slot.
-- examined
select count(*) from accounts_tick
-- violations
select id from (
    select id, count(*) over (partition by job, slot) as times from accounts_tick
) counted where times > 1
