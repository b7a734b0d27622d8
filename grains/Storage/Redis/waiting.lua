-- A page of what waits, soonest first. Writes nothing.
-- KEYS[1] waiting   KEYS[2] due
-- ARGV[1] a pattern of the ids  [2] due and  [3] id of the last one that was seen  [4] how many at most
-- Returns { id, what is kept, id, what is kept, … }.
local found, all = {}, redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES') -- in the order of score and member
local dueAt, id, most = tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
for i = 1, #all, 2 do
  local at = tonumber(all[i + 1])
  if string.find(all[i], ARGV[1]) and (at > dueAt or (at == dueAt and all[i] > id)) then
    found[#found + 1] = all[i]
    found[#found + 1] = redis.call('HGET', KEYS[1], all[i]) or ''
    if #found >= 2 * most then break end
  end
end
return found
