/** Modules that come from the host. */

/** Gives the source of a module, undefined if there is none. It may be asynchronous: the program that requires the module waits. */
export type ModuleFinder = (name: string) => string | Uint8Array | undefined | PromiseLike<string | Uint8Array | undefined>;

export const HAS_SEARCHERS = "return type(package) == 'table' and type(package.searchers) == 'table'";

/** Adds a searcher behind that of package.preload. */
export const ADD_SEARCHER = `
local find = ...
local load, type, error, format = load, type, error, string.format
local function search(name)
  local source = find(name)
  if source == nil then return format("no module '%s' of the host", name) end
  if type(source) ~= 'string' then error(format("the host's source of module '%s' is a %s", name, type(source)), 0) end
  local loader, message = load(source, '@' .. name)
  if not loader then error(format("error loading module '%s' from the host:\\n\\t%s", name, message), 0) end
  return loader, ':host:'
end
local searchers = package.searchers
for i = #searchers, 2, -1 do searchers[i + 1] = searchers[i] end
searchers[2] = search
`;
