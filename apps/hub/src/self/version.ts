/** The version of everything in the checkout; package.json says the same (a test holds them). */
export const VERSION = "0.1.0";
