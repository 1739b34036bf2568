-- Uses another plugin.
local counter = require 'text.Counter'

return {
  ['app.Command'] = {
    run = function(document)
      local text, first, last = document.text, document.selection[1], document.selection[2]
      local shouted = text:sub(1, first) .. text:sub(first + 1, last):upper() .. text:sub(last + 1)
      return { changed = true, replacement = shouted .. ('!'):rep(counter.words(text)) }
    end,
  },
}
