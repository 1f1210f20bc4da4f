-- What a careful person would write for the rules of bench/segments.ts, over the same tables, writing the same rows.
-- $1: the segment. bench_membership has the columns, key and index of segment_membership.
--
-- Reviewed: documents are read once, in the order of the table; nothing is computed per row that is the same for all;
-- events are grouped by the beginning of their primary key, as a hash, before they meet profiles; nothing is sorted but
-- what the insertion needs. Numbers stand in documents as numbers, which the ingestion checks.

-- name: attributes
insert into bench_membership (bucket, profile_id, segment_id, status, last_qualification_time)
select bucket, profile_id, $1, 'realized', now()
from profile
where document->'loyalty'->>'tier' in ('gold', 'platinum')
  and (document->'loyalty'->>'points')::float8 >= 2500;

-- name: events
insert into bench_membership (bucket, profile_id, segment_id, status, last_qualification_time)
select bucket, profile_id, $1, 'realized', now()
from profile_event
where document->>'eventType' = 'purchase'
group by bucket, profile_id
having count(*) >= 2;

-- name: sums
insert into bench_membership (bucket, profile_id, segment_id, status, last_qualification_time)
select bucket, profile_id, $1, 'realized', now()
from profile_event
where document->>'eventType' = 'purchase'
group by bucket, profile_id
having sum((document->'commerce'->'order'->>'priceTotal')::numeric) > 150;
