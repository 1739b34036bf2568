/** Version of the package; package.json has the same (a test compares). */
export const VERSION = '0.1.0';
