/** Codes in a picture, by ZXing (Apache-2.0, as WebAssembly); its bytes come from our own server and stay on the phone. */
import { prepareZXingModule, readBarcodes, type ReaderOptions } from 'zxing-wasm/reader'
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url'

import type { Code } from './codes'

/** What is printed on meter boxes, poles and type plates. */
export const LOOKED_FOR: ReaderOptions = {
  formats: ['QRCode', 'DataMatrix', 'Code128', 'Code39', 'EAN13', 'ITF'],
  tryHarder: true,
  maxNumberOfSymbols: 12,
}

const overrides = { locateFile: () => wasm }
prepareZXingModule({ overrides })

/** Makes the decoder ready. Raises when it is not on the phone. */
export async function prepare(): Promise<void> {
  await prepareZXingModule({ overrides, fireImmediately: true })
}

export async function read(picture: ImageData | Blob): Promise<Code[]> {
  const found = await readBarcodes(picture, LOOKED_FOR)
  return found
    .filter((each) => each.isValid && each.text)
    .map(({ text, position: { topLeft, topRight, bottomRight, bottomLeft } }) => ({ text, corners: [topLeft, topRight, bottomRight, bottomLeft] }))
}
