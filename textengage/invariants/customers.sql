-- Who: people, roles, licenses.

-- T3: An active person who is not platform staff has a customer and a known role.
-- examined
select count(*) from accounts_user where is_active and not is_superuser
-- violations
select id from accounts_user
where is_active and not is_superuser and (customer_id is null
    or role not in ('user', 'reporter', 'manager', 'customer_admin'))

-- T4: A text went out under a license that was valid at that moment.
-- examined
select count(*) from messaging_attempt a join messaging_message m on m.id = a.message_id
where m.direction = 'out' and m.kind <> 'compliance' and a.wire_at is not null
-- violations
select distinct m.id from messaging_attempt a join messaging_message m on m.id = a.message_id
where m.direction = 'out' and m.kind <> 'compliance' and a.wire_at is not null
    and not exists (
        select from accounts_license l
        where l.user_id = m.licensee_id and l.customer_id = m.customer_id
            and a.wire_at >= l.valid_from and (l.valid_to is null or a.wire_at < l.valid_to))
