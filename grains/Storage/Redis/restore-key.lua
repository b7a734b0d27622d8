-- Remembers an idempotency key, when the inbox has the id that it was given and none is remembered.
-- KEYS[1] log   KEYS[2] skipped   KEYS[3] the key
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] epoch  [3] seq  [4] value  [5] its life in ms
-- Returns 1 when it was done, else 0.
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
if ARGV[2] == '0' then return redis.call('SET', KEYS[3], ARGV[4], 'PX', ARGV[5], 'NX') and 1 or 0 end -- of what is scheduled
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
if info.err then return 0 end
local last = ''
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then last = info[i + 1] end
end
local epoch, head = string.match(last, '^(%d+)%-(%d+)$')
local seq = tonumber(ARGV[3])
if epoch ~= ARGV[2] or head == '18446744073709551615' or seq > tonumber(head) then return 0 end
local bornAt, ranges = string.match(redis.call('GET', KEYS[2]) or '', '^(%d+) %d+ (.*)$')
if bornAt == epoch then
  for from, to in string.gmatch(ranges, '(%d+)%-?(%d*)') do
    if seq >= tonumber(from) and seq <= tonumber(to == '' and from or to) then return 0 end
  end
end
return redis.call('SET', KEYS[3], ARGV[4], 'PX', ARGV[5], 'NX') and 1 or 0
