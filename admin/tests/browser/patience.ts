/** The longest that a test waits for one thing: beside other builds the page can take many times its second. */
export const PATIENCE_MILLIS = 90_000;
