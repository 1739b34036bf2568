/** Style sheets are imported as their text (scripts/build.mjs). */
declare module '*.css' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: what the bundler makes of a text
  export default text;
}
