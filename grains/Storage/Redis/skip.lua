-- Leaves out seqs, so that they are never assigned (again).
-- KEYS[1] log   KEYS[2] skipped
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] epoch  [3] head  [4] the last seq that is left out  [5] the first one  [6] TTL in ms
-- Error with nothing done: LATE, or CONFLICT when the head is another.
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
if ms > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
local last = ''
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then last = info[i + 1] end
end
if last ~= ARGV[2] .. '-' .. ARGV[3] then return redis.error_reply('CONFLICT the head is ' .. last) end
-- Value: '<epoch> <when it was written, Unix ms> <ranges of seq>'
local ranges = ARGV[5] .. '-' .. ARGV[4]
local bornAt, before = string.match(redis.call('GET', KEYS[2]) or '', '^(%d+) %d+ (.+)$')
if bornAt == ARGV[2] then ranges = before .. ',' .. ranges end
redis.call('SET', KEYS[2], ARGV[2] .. ' ' .. string.format('%.0f', ms) .. ' ' .. ranges, 'PX', ARGV[6])
redis.call('XSETID', KEYS[1], ARGV[2] .. '-' .. ARGV[4])
return 0
