-- What the host runs coroutines and generators with (README.md). Programs cannot reach it.
local _, internal = ...
local advance = internal.advance
local error, pcall, select = error, pcall, select
local resume, status, close, yield = coroutine.resume, coroutine.status, coroutine.close, coroutine.yield

-- An error has ended the coroutine; what it left open is closed before the host sees that.
local function check(co, ok, ...)
  if ok then return ... end
  local message = ...
  if status(co) == 'dead' then message = select(2, close(co)) end
  error(message, 0)
end

function internal.resume(co, ...)
  return check(co, resume(co, ...))
end

function internal.close(co)
  if status(co) == 'dead' then return end
  local ok, message = close(co)
  if not ok then error(message, 0) end
end

-- What a generator asks for (src/stdlib/generators.ts).
local RETURN <const>, CALL <const> = 0, 1

local go

local function goOn(generator, ok, ...)
  return go(generator, advance(generator, ok, ...))
end

function go(generator, wish, ...)
  if wish == RETURN then return ... end
  if wish == CALL then return goOn(generator, pcall(...)) end
  return goOn(generator, true, yield(...))
end

-- Stands for a host function that is a generator.
function internal.generate(given)
  local generator <close> = given
  return go(generator, advance(generator, true))
end
