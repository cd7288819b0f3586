-- ARGV: owner, generation, value, lifetime in milliseconds, time of the grant in milliseconds.
local time = now()
local is_stored = (entry(time) or 0) <= tonumber(ARGV[2])
if is_stored then
  local milliseconds = math.floor(time / 1000)
  -- After the clock was set back, the grant is not in the future.
  local remaining = math.min(tonumber(ARGV[5]), milliseconds) + tonumber(ARGV[4]) - milliseconds
  if remaining > 0 then
    redis.call('SET', KEYS[1], ARGV[2] .. ':' .. ARGV[3], 'PX', digits(remaining))
  end
end
if lease(time) == ARGV[1] then redis.call('DEL', KEYS[2]) end
announce()
return is_stored and 1 or 0
