-- All of an inbox at one moment, as far as it has few entries. Writes nothing.
-- KEYS[1] log   KEYS[2] exp   KEYS[3] skipped   KEYS[4] marks   KEYS[5] waiting
-- ARGV[1] how many entries at most
-- Returns { last id, skipped, marks, { member, score, ... }, { { id, { field, value, ... } }, ... }, { id, what waits, ... } }; '' for what is not there.
local answer = { '', '', redis.call('HGET', KEYS[4], 'data') or '', {}, {}, redis.call('HGETALL', KEYS[5]) }
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
if info.err then -- there is no such key
  if redis.call('EXISTS', KEYS[1]) == 1 then return info end
  return answer
end
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then answer[1] = info[i + 1] end
end
answer[2] = redis.call('GET', KEYS[3]) or ''
if ARGV[1] ~= '0' then
  answer[4] = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
  answer[5] = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', ARGV[1])
end
return answer
