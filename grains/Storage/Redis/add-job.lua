-- A job waits in a topic, unless its idempotency key is known.
-- KEYS[1] topic   KEYS[2] subscribers   KEYS[3] left   KEYS[4] queue   KEYS[5] the idempotency key, if there is one; the job's own key, which is named after the number
--     that it gets here, lies in their hash slot
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] what it does  [3] 1: also for those who have left  [4] how many jobs may wait
--     [5] for how many ms a topic that is not open is kept  [6] the fingerprint kept beside the key  [7] the key's life in ms
-- Returns { number, of, '' }; { number, of, fingerprint } of the job that the key is known of; or {} when too many wait.
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
local known = KEYS[5] and redis.call('GET', KEYS[5])
if known then
  local number, of, fingerprint = string.match(known, '^(%d+) (%d+) (.*)$')
  return { number, of, fingerprint }
end
if redis.call('ZCARD', KEYS[4]) >= tonumber(ARGV[4]) then return {} end
local number = string.format('%.0f', (redis.call('HGET', KEYS[1], 'jobs') or 0) + 1)
local of = redis.call('ZCARD', KEYS[2])
if ARGV[3] == '1' then of = of + redis.call('ZCARD', KEYS[3]) end
redis.call('HSET', KEYS[1], 'jobs', number)
if redis.call('HGET', KEYS[1], 'open') ~= '1' then redis.call('PEXPIRE', KEYS[1], ARGV[5]) end
redis.call('HSET', KEYS[1] .. ':job:' .. number, 'work', ARGV[2], 'of', of, 'cursor', '', 'reached', 0, 'muted', 0, 'failed', 0)
redis.call('ZADD', KEYS[4], number, number)
if KEYS[5] then redis.call('SET', KEYS[5], number .. ' ' .. of .. ' ' .. ARGV[6], 'PX', ARGV[7]) end
return { number, tostring(of), '' }
