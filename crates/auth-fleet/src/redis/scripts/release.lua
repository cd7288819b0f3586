-- ARGV: owner.
if lease(now()) == ARGV[1] then
  redis.call('DEL', KEYS[2])
  announce()
end
return 1
