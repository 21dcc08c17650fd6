/** Words of the marking tool, loaded with it. */
import { pick } from '@/app/i18n'

const WORDS = {
  title: ['标注副本', 'Mark a copy'],
  note: ['原照片不变：另存一张副本，排在原照片旁。', 'The original stays as it is: a copy is kept beside it.'],
  reading: ['正在读取照片…', 'Reading the photo…'],
  unreadable: ['这张照片在本机打不开，不能标注。原照片不受影响，照常上传。', 'This phone cannot open the photo, so it cannot be marked. The original is untouched and is sent as usual.'],
  failed: ['副本没有存下，标注还在，请再试一次。', 'The copy was not kept; your marks are still here. Try again.'],
  picture: ['照片：用手指拖动来标注', 'Photo: drag a finger to mark it'],
  tools: ['标注工具', 'Tools'],
  arrow: ['箭头', 'Arrow'],
  box: ['方框', 'Box'],
  text: ['文字', 'Text'],
  blur: ['模糊', 'Blur'],
  undo: ['撤销', 'Undo'],
  written: ['写在照片上的字', 'Text on the photo'],
  hint_arrow: ['从远处拖到要指的地方', 'Drag towards what you mean'],
  hint_box: ['从一角拖到对角', 'Drag from corner to corner'],
  hint_text: ['点一下照片，再写字', 'Touch the photo, then write'],
  hint_blur: ['拖过要遮住的地方，如人脸、姓名', 'Drag over what is to be hidden, such as a face or a name'],
  save: ['保存副本', 'Keep copy'],
  close: ['关闭', 'Close'],
} as const

export type Word = keyof typeof WORDS

export function w(word: Word): string {
  const [zh, en] = WORDS[word]
  return pick(zh, en)
}
