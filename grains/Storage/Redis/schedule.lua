-- Keeps a notification until its time.
-- KEYS[1] waiting   KEYS[2] due   KEYS[3] collapse keys of what waits   KEYS[4] the idempotency key, if there is one
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] id  [3] due in Unix ms  [4] what is kept  [5] its collapse key, or ''  [6] how many may wait  [7] TTL in ms
--     [8] the value of the idempotency key  [9] its life in ms
-- Returns '' when it is kept, 'FULL', or the value of the idempotency key when that is known.
-- Checks and events wait there too, and are not counted: it is looked closer when all together are as many.
local function notifications(due, most)
  local count = redis.call('ZCARD', due)
  if count < most then return count end
  count = 0
  for _, id in ipairs(redis.call('ZRANGE', due, 0, -1)) do
    if string.find(id, '^[%ds]') then count = count + 1 end
  end
  return count
end

local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was stored') end
local known = KEYS[4] and redis.call('GET', KEYS[4])
if known then return known end
if notifications(KEYS[2], tonumber(ARGV[6])) >= tonumber(ARGV[6]) then return 'FULL' end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[7])
redis.call('PEXPIRE', KEYS[2], ARGV[7])
if ARGV[5] ~= '' then
  redis.call('HSET', KEYS[3], ARGV[2], ARGV[5])
  redis.call('PEXPIRE', KEYS[3], ARGV[7])
end
if KEYS[4] then redis.call('SET', KEYS[4], ARGV[8], 'PX', ARGV[9]) end
return ''
