-- A page of those who have left a topic, who left first first. Writes nothing.
-- KEYS[1] left
-- ARGV[1] the score and  [2] the user of the last one that was seen  [3] how many at most
-- Returns { user, score, user, score, … }.
local found, most, offset = {}, tonumber(ARGV[3]), 0
repeat
  local some = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', offset, most)
  for i = 1, #some, 2 do
    if #found < 2 * most and (some[i + 1] ~= ARGV[1] or some[i] > ARGV[2]) then
      found[#found + 1] = some[i]
      found[#found + 1] = some[i + 1]
    end
  end
  offset = offset + most
until #some < 2 * most or #found == 2 * most
return found
