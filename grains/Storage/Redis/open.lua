-- Where a log stands, in one round trip.
-- KEYS[1] log   KEYS[2] exp   KEYS[3] skipped   [4] where a replica may take over: what history.lua keeps
-- ARGV[1] agedBefore in Unix ms  [2] lowest seq to look at  [3] how many expiries at most
-- Returns { seconds, microseconds, last id, first seq, its createdAt, newest createdAt, skipped, since of history.lua, member, score, member, score ... };
-- '' for what is not there. An erased epoch has the last id '<epoch>-18446744073709551615'.
local now = redis.call('TIME')
local answer = { now[1], now[2], '', '', '', '', '', history and history({ KEYS[4] }) or '' }
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
if info.err then -- there is no such key
  if redis.call('EXISTS', KEYS[1]) == 1 then return info end
  return answer
end
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then answer[3] = info[i + 1] end
end
local epoch, head = string.match(answer[3], '^(%d+)%-(%d+)$')
if head == '18446744073709551615' then return answer end
answer[7] = redis.call('GET', KEYS[3]) or ''

local function field(entry, name)
  for i = 1, #entry[2], 2 do
    if entry[2][i] == name then return entry[2][i + 1] end
  end
  return ''
end
local function seq(entry) return tonumber(string.match(entry[1], '%-(%d+)$')) end
local function from(low) return redis.call('XRANGE', KEYS[1], epoch .. '-' .. low, epoch .. '-' .. head, 'COUNT', 1)[1] end

local newest = redis.call('XREVRANGE', KEYS[1], epoch .. '-' .. head, epoch .. '-0', 'COUNT', 1)[1]
if newest then
  answer[6] = field(newest, 't')
  local aged, first = tonumber(ARGV[1]), from(ARGV[2])
  if first and tonumber(field(newest, 't')) >= aged then
    -- createdAt never falls, so it can be searched: what is below low is too old; found, the first one from high on, is young enough.
    local low, high, found = seq(first) + 1, seq(newest), newest
    if tonumber(field(first, 't')) >= aged then low, high, found = 0, 0, first end
    while low < high do
      local middle = math.floor((low + high) / 2)
      local entry = from(middle) -- above the middle where entries were removed
      if tonumber(field(entry, 't')) < aged then
        low = seq(entry) + 1
      else
        found, high = entry, middle
      end
    end
    answer[4], answer[5] = seq(found), field(found, 't')
  end
end

local most = tonumber(ARGV[3])
if most > 0 then
  for _, value in ipairs(redis.call('ZRANGE', KEYS[2], 0, most - 1, 'WITHSCORES')) do answer[#answer + 1] = value end
end
return answer
