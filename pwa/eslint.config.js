import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

/** Features reach data only through sync/, media/ and api/, and never each other; Vant stays behind ui/. */
const onlyInUi = { group: ['vant', 'vant/*'], message: 'Vant is wrapped in src/ui.' }
const onlyInItself = {
  group: ['@/features/*', '@/features/**', '../**'],
  message: 'What two features need stands in src/domain, src/desk, src/form or src/ui.',
}
const notFromOutside = { ...onlyInItself, group: ['@/features/*', '@/features/**'] }
const onlyInCore = { group: ['dexie'], message: 'Use src/sync/records.' }

export default ts.config(
  { ignores: ['dist/**', 'src/api/generated.d.ts'] },
  ...ts.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    rules: {
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-undef': 'off', // the type checker knows better
      'vue/multi-word-component-names': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'any', normal: 'any', component: 'always' } }],
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/require-default-prop': 'off',
      'vue/attributes-order': 'off',
    },
  },
  {
    files: ['src/**/*.{ts,vue}'],
    ignores: ['src/ui/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [onlyInUi, notFromOutside] }] },
  },
  {
    files: ['src/features/**/*.{ts,vue}'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [onlyInUi, onlyInCore, onlyInItself] }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression[source.value=/^(@\\/features|\\.\\.)\\//]', message: onlyInItself.message },
      ],
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Use src/api/client.' }],
    },
  },
  { files: ['scripts/**'], rules: { 'no-console': 'off' } },
)
