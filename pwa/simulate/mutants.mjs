/** Faults of the phone, each a small change of the app's source, that the simulator must find. */
export const MUTANTS = {}
