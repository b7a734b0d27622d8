-- Keeps entries of the log until a time. In the log they expire at once, so that they are gone whatever becomes of the caller.
-- KEYS[1] log   KEYS[2] exp   KEYS[3] waiting   KEYS[4] due   KEYS[5] collapse keys of what waits
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] epoch  [3] due in Unix ms  [4] how many may wait  [5] TTL in ms of what waits  [6] TTL in ms of the log  [7...] seqs
-- Returns the seqs that were there, or 'FULL'.
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
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
if notifications(KEYS[4], tonumber(ARGV[4]) - #ARGV + 6) + #ARGV - 6 > tonumber(ARGV[4]) then return 'FULL' end
local kept = {}
for i = 7, #ARGV do
  local id = ARGV[2] .. '-' .. ARGV[i]
  local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
  if entry and redis.call('ZSCORE', KEYS[2], id) ~= '1' then -- 1: replaced, or snoozed before
    local json, collapseKey
    for f = 1, #entry[2], 2 do
      if entry[2][f] == 'n' then json = entry[2][f + 1] elseif entry[2][f] == 'k' then collapseKey = entry[2][f + 1] end
    end
    redis.call('HSET', KEYS[3], id, ARGV[3] .. '\n' .. json)
    redis.call('ZADD', KEYS[4], ARGV[3], id)
    if collapseKey then redis.call('HSET', KEYS[5], id, collapseKey) end
    redis.call('ZADD', KEYS[2], 1, id)
    kept[#kept + 1] = ARGV[i]
  end
end
if #kept > 0 then
  for _, key in ipairs({ KEYS[3], KEYS[4], KEYS[5] }) do redis.call('PEXPIRE', key, ARGV[5]) end
  redis.call('PEXPIRE', KEYS[2], ARGV[6])
end
return kept
