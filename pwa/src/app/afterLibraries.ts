/**
 * What follows runs in a task of its own: the libraries are a long one already, and a small phone would answer no touch
 * until all of the program has run. Stands in main.ts, whose order of imports is the order of running.
 */
await new Promise((resolve) => setTimeout(resolve))

export {}
