/** Bundles for tests. */

/** Files of a bundle. @param more what bundle.toml says besides */
export function bundle(name: string, implements_: string, source: string, more = '', version = '1.0.0'): Record<string, string> {
  return {
    'bundle.toml': `[bundle]\nname = "${name}"\nversion = "${version}"\napi = "../api.toml"\nloader = "lua"\nfile = "main.lua"\n${more.startsWith('needs') ? more : ''}\n[[plugin]]\nname = "${name}"\nimplements = [${implements_.split(' ').map((key) => `"${key}"`).join(', ')}]\n${more.startsWith('needs') ? '' : more}`,
    'main.lua': source,
  };
}

export const VALIDATOR = "return { ['pipeline.Validator'] = { validate = function(input) return #input > 0 end } }";
export const validator = (source = VALIDATOR, version = '1.0'): Record<string, string> => bundle('validator', `pipeline.Validator@${version}`, source);

/** A transformer: `body` is what `transform(input)` does. */
export const transformer = (body: string, more = '', before = ''): Record<string, string> =>
  bundle('transformer', 'data.Transformer@1.2', `${before}\nreturn { ['data.Transformer'] = { transform = function(input) ${body} end, centre = function(shape) return { x = 0, y = 0 } end } }`, more);

export const NEEDS_VALIDATOR = '[[dependency]]\nkind = "contract"\ncontract = "pipeline.Validator"\nmin_version = "1.0"\n';
