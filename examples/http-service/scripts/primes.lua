-- The primes up to a number: a loop for the JIT.
function handle(text)
  local limit = math.tointeger(text) or 100
  local isComposite, primes = {}, {}
  for n = 2, limit do
    if not isComposite[n] then
      primes[#primes + 1] = n
      for multiple = n * n, limit, n do isComposite[multiple] = true end
    end
  end
  return table.concat(primes, ' ')
end
