import { addWords } from '@/app/i18n'

import { en } from './en'
import { zhCN } from './zh-CN'

addWords('sameview', zhCN, en)
