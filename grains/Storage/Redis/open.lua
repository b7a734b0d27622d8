-- Where logs stand, in one round trip.
-- KEYS[1] where a replica may take over: what history.lua keeps   and of each log: log   exp   skipped
-- ARGV of each log: agedBefore in Unix ms, lowest seq to look at, how many expiries at most
-- Returns { seconds, microseconds, ... } and of each log { last id, first seq, its createdAt, newest createdAt, skipped, since of history.lua, member, score, member, score ... };
-- '' for what is not there. An erased epoch has the last id '<epoch>-18446744073709551615'. Or, of a log that cannot be read, { why }.
local now = redis.call('TIME')
local since = history and history({ KEYS[1] }) or ''

local function field(entry, name)
  for i = 1, #entry[2], 2 do
    if entry[2][i] == name then return entry[2][i + 1] end
  end
  return ''
end
local function seq(entry) return tonumber(string.match(entry[1], '%-(%d+)$')) end

local function open(log, exp, skipped, aged, lowest, most)
  local answer = { '', '', '', '', '', since }
  local info = redis.pcall('XINFO', 'STREAM', log)
  if info.err then -- there is no such key
    if redis.call('EXISTS', log) == 1 then return { info.err } end
    return answer
  end
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then answer[1] = info[i + 1] end
  end
  local epoch, head = string.match(answer[1], '^(%d+)%-(%d+)$')
  if head == '18446744073709551615' then return answer end
  answer[5] = redis.call('GET', skipped) or ''

  local function from(low) return redis.call('XRANGE', log, epoch .. '-' .. low, epoch .. '-' .. head, 'COUNT', 1)[1] end
  local newest = redis.call('XREVRANGE', log, epoch .. '-' .. head, epoch .. '-0', 'COUNT', 1)[1]
  if newest then
    answer[4] = field(newest, 't')
    local first = from(lowest)
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
      answer[2], answer[3] = seq(found), field(found, 't')
    end
  end

  if most > 0 then
    for _, value in ipairs(redis.call('ZRANGE', exp, 0, most - 1, 'WITHSCORES')) do answer[#answer + 1] = value end
  end
  return answer
end

local answers = { now[1], now[2] }
for i = 0, (#KEYS - 1) / 3 - 1 do
  answers[3 + i] = open(KEYS[2 + 3 * i], KEYS[3 + 3 * i], KEYS[4 + 3 * i], tonumber(ARGV[1 + 3 * i]), ARGV[2 + 3 * i], tonumber(ARGV[3 + 3 * i]))
end
return answers
