-- What waits is not to come any more: one by its id, or all that has a collapse key.
-- KEYS[1] waiting   KEYS[2] due   KEYS[3] collapse keys of what waits   KEYS[4] with an id: where it is, once it has come
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] id, or ''  [3] collapse key
-- Returns { the value of KEYS[4] or '', id, due, id, due, … } of what waited.
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end

local answer = { '' }
local function remove(id)
  local due = redis.call('ZSCORE', KEYS[2], id)
  if due then
    answer[#answer + 1] = id
    answer[#answer + 1] = due
  end
  redis.call('HDEL', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
  redis.call('HDEL', KEYS[3], id)
end

if ARGV[2] ~= '' then
  remove(ARGV[2])
  answer[1] = redis.call('GET', KEYS[4]) or ''
  return answer
end
local all = redis.call('HGETALL', KEYS[3])
for i = 1, #all, 2 do
  if all[i + 1] == ARGV[3] then remove(all[i]) end
end
return answer
