-- utf8.charpattern, and the iterators that utf8.codes returns: the strict one is its companion, the lax one the companion of that.
local utf8, internal = ...

utf8.charpattern = '[\0-\x7F\xC2-\xFD][\x80-\xBF]*'

internal.companion(utf8.codes, internal.codesStep)
internal.companion(internal.codesStep, internal.codesStepLax)
