/** The browser's cache that holds the base map, by itself so that what removes it needs nothing else. */
export const CACHE = 'mingcha-base-map'
