local window = require 'host.window'

local function words(text)
  local count = 0
  for _ in text:gmatch('%S+') do count = count + 1 end
  return count
end

return {
  ['app.Command'] = {
    run = function(document)
      window.show('count', words(document.text) .. ' words')
      return { changed = false, replacement = '' }
    end,
  },
  ['text.Counter'] = { words = words },
}
