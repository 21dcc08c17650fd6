/** As afterLibraries.ts: the words are one task, the rest of the program the next. */
await new Promise((resolve) => setTimeout(resolve))

export {}
