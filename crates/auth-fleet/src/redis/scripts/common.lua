-- Shared by all scripts. KEYS[1] is the entry: its generation in digits, a colon, the value. KEYS[2] is the lease: 16 bytes of
-- its owner, its generation, a colon, the time of the grant in milliseconds. Both have lifetimes. Anything else at these keys was
-- written by somebody else; it counts as absent and is overwritten.

-- How far a generation may be ahead of the store's time, in microseconds: a day. Generations are times, so a greater one was
-- written by somebody else, or before the clock of the store was set back.
local AHEAD = 86400000000

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function read(key)
  local value = redis.pcall('GET', key)
  if type(value) ~= 'table' then return value end
  if string.find(value.err, 'WRONGTYPE', 1, true) then return false end
  -- The same error again, now for the caller.
  return redis.call('GET', key)
end

-- Generation, remaining milliseconds and value of the entry; nothing if it is absent.
local function entry(time)
  local stored = read(KEYS[1])
  if not stored then return nil end
  local digits, value = string.match(stored, '^(%d+):(.*)$')
  local generation = tonumber(digits)
  if not generation or generation > time + AHEAD then return nil end
  -- The server counts milliseconds that have begun.
  local remaining = redis.call('PTTL', KEYS[1]) - 1
  if remaining <= 0 then return nil end
  return generation, remaining, value
end

-- Owner, generation, time of the grant and remaining milliseconds of the lease; nothing if there is none.
local function lease(time)
  local stored = read(KEYS[2])
  if not stored then return nil end
  local digits, at = string.match(stored, '^(%d+):(%d+)$', 17)
  local generation = tonumber(digits)
  if not generation or generation > time + AHEAD then return nil end
  local remaining = redis.call('PTTL', KEYS[2])
  if remaining <= 0 then return nil end
  return string.sub(stored, 1, 16), generation, tonumber(at), remaining
end

local function digits(number)
  return string.format('%.0f', number)
end

-- Wakes those who wait. A user without the right to publish makes them poll.
local function announce()
  redis.pcall('PUBLISH', KEYS[1], '')
end
