-- Notes that a person was forgotten, unless what is noted is of a later epoch; the note lasts as long as the longer of both.
-- KEYS[1] inbox:forgotten:<hash of the inbox's key>
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] epoch  [3] for how many ms
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
local epoch, life = ARGV[2], math.max(tonumber(ARGV[3]), redis.call('PTTL', KEYS[1]))
local known = redis.call('GET', KEYS[1])
if known and tonumber(known) > tonumber(epoch) then epoch = known end
redis.call('SET', KEYS[1], epoch, 'PX', string.format('%.0f', life))
return 0
