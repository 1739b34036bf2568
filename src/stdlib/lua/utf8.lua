-- utf8.codes, and utf8.charpattern.
local utf8, internal = ...
local step, checkString = utf8.codepointAfter, internal.checkString
utf8.codepointAfter = nil

utf8.charpattern = '[\0-\x7F\xC2-\xFD][\x80-\xBF]*'

local function nextStrict(text, position) return step(text, position, false) end
local function nextLax(text, position) return step(text, position, true) end

function utf8.codes(...)
  local text = checkString(...)
  local _, lax = ...
  return lax and nextLax or nextStrict, text, 0
end
