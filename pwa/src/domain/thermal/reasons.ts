/** Why a picture's temperatures cannot be read: the server's codes, as far as words tell them apart. Pure. */
const TOLD = ['dji_vendor_library', 'hikmicro_raw', 'infiray_scale', 'no_temperatures', 'no_valid_pixels', 'power_block_cut']
const MAKERS = ['dji', 'flir', 'power_block', 'unit']

/** The key of the words: the code itself, else damage in that maker's data, else damage of any. */
export function reasonKey(code: string): string {
  if (TOLD.includes(code)) return code
  const maker = MAKERS.find((name) => code.startsWith(`${name}_`))
  return `${maker ?? 'any'}_damaged`
}
