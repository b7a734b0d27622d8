-- Notes what became of a page of a job.
-- KEYS[1] job   KEYS[2] queue
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] number  [3] the cursor that the writer knows  [4] the next one  [5] reached  [6] muted  [7] failed, in this page
--     [8] 0, or when the job is done for how many ms it is known
-- Returns 1, or 0 with nothing changed when the job has another cursor, or is done.
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
if redis.call('HGET', KEYS[1], 'cursor') ~= ARGV[3] then return 0 end
for i, name in ipairs({ 'reached', 'muted', 'failed' }) do
  redis.call('HSET', KEYS[1], name, string.format('%.0f', redis.call('HGET', KEYS[1], name) + ARGV[4 + i]))
end
if ARGV[8] == '0' then
  redis.call('HSET', KEYS[1], 'cursor', ARGV[4])
else
  redis.call('HDEL', KEYS[1], 'cursor', 'work')
  redis.call('PEXPIRE', KEYS[1], ARGV[8])
  redis.call('ZREM', KEYS[2], ARGV[2])
end
return 1
