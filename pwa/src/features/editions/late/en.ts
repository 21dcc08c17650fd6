import type { zhCN } from './zh-CN'

export const en = {
  title: 'Rules and forms',
  note: 'What is published holds from its day on. Phones take it when they sync; an offline phone goes on with what it has, and its records are judged by the edition that they name.',
  parts: { points: 'Points for violations', checklist: 'Site-check list' },
  part: 'Name', in_force: 'In force', since: 'since {day}', shipped: 'comes with the program', coming: 'Coming', draft: 'Draft', draft_of: 'by {name}, {at}', withdrawn: 'withdrawn', none: 'not published yet',
  open: 'Open', new_form: 'New form', new_name: 'Name of the new form (small letters)', bad_name: 'Begin with a small letter; small letters, digits and underscores, 30 at most.',
  import: 'Import XLSForm', imported: '{n} questions read, not saved yet.', notes: '{n} things not taken as they were', dropped: 'left out', changed: 'changed', row: 'row {n}',
  back: 'All', edit: 'Edit', preview: 'Preview', changes: 'Changes {n}', trial: 'Try on the past', history: 'History',
  save: 'Save draft', saved: 'Saved, {at}', unsaved: 'Changes are not saved', publish: 'Publish', from: 'Holds from', published: '{version} is published and holds from {day}',
  read_only: 'You may look and try; the administrator makes changes.', faults: 'Not ready to publish: {n} to mend', no_faults: 'Nothing is wrong',
  meanwhile: '{name} saved at {at}. Your changes are still here and were not saved.', take: 'Show what was saved (drop mine)', offline: 'The server cannot be reached.', refused: 'The server did not take it: {what}', no_part: 'There are no rules named “{part}” here. All of them stand in the list.',
  before: 'Before', after: 'After', place: 'Place', no_changes: 'The same as what is in force', version: 'Version', by: 'By', when: 'When', effective: 'Holds from',
  cap: 'Yearly cap (points)', floor: 'False evidence: at least (points)', classes: 'Classes', thresholds: 'Thresholds', at: 'At (points)', action: 'Action', zh: 'Chinese', en: 'English', id: 'Id', points: 'Points', item_points: 'Points of items (only where they differ)', item: 'Item', off: 'Circumstances that do not apply',
  modifiers: { M1: 'Same item again', M2: 'Same item a third time', M3: 'Led to a complaint', M4: 'Status or late reconnection with complaint', M5: 'False evidence', M6: 'Self-reported' },
  add: 'Add', remove: 'Remove {what}', up: 'Move {what} up',
  form_title: 'Name of the form', form_hint: 'Explanation', roles: 'Filled in by', photos: 'Photos', least: 'At least', questions: 'Questions', question: 'Question {n}', name: 'Name', type: 'Type', required: 'Required', more: 'Explanation, unit and more', withdraw: 'Withdrawn: no longer offered',
  types: { number: 'Number', text: 'Text', yes_no: 'Yes/no', moment: 'Time', choice: 'Choice', register: 'Register', group: 'Repeated group', calculated: 'Worked out', note: 'Text to read' },
  extra: { hint: 'Explanation', unit: 'Unit', digits: 'Decimal places', least: 'Repeats at least', most: 'Repeats at most', last: 'Offer the answer of the last time' },
  source: {
    label: 'Offered from the register', kind: 'Register', equipment: 'Equipment', meter_box: 'Meter boxes', gives: 'What is chosen', entry: 'An entry', values: 'Values of: {what}', narrow: 'Narrowed {n}', column: 'Column', same: 'Is the answer to', add: 'Narrow it', note: 'It is always narrowed to the unit.',
  },
  formula: {
    label: 'Formula', help: 'Use + - * / and brackets, round(number, places), minutes(from, to), sum(group, number), count(group, condition); text in quotation marks.',
    fault: { unknown: 'There is no question “{word}” before this one', unfinished: 'The formula is not finished after “{word}”', misplaced: '“{word}” does not fit here' },
  },
  items: 'Items', find: 'Find an item', rest: '{n} more are not listed: search for them above.', group: 'Profession', severity: 'Severity', photo: 'Photo needed', sheets: 'Sheets', sheets_note: 'A version that was published stays as it is: copy it as a new version first.', sheet: 'Sheet', new_version: 'Copy as new version', new_sheet: 'New sheet', for_items: 'For items (codes, with commas)',
  conditions: 'Conditions and limits', when_asked: 'When it is asked', when_needed: 'When it is required', limit: 'Limit {n}', limit_said: 'Said when it does not hold', only_warns: 'Only warns', add_limit: 'Add a limit', add_question: 'Add a question', choices: 'Choices', value: 'Value', add_choice: 'Add a choice', in_group: 'Questions in {what}',
  need: { no: 'No', always: 'Always', if: 'On a condition' },
  condition: {
    question: 'Question', comparison: 'Comparison', with: 'Compared with', value: 'Value', of: 'Answer to another question', choose: 'Choose', join: 'What must hold', and: 'All of these', or: 'One of these', add: 'Add a condition', add_group: 'Add a group', remove: 'Remove this condition', kept: 'To read only here; it is kept as it is', always: 'Always', first: 'There is no question before this one',
    tests: { '==': 'is', '!=': 'is not', '<': 'is less than', '<=': 'is at most', '>': 'is more than', '>=': 'is at least', answered: 'is answered', unanswered: 'is not answered' },
    fault: { field_choose: 'Choose a question', field_unknown: 'No question before this one has that name', test_unfit: 'Answers of this kind cannot be compared so', against_missing: 'Give the value to compare with', against_unfit: 'The value does not fit the question', against_unknown: 'No question before this one has that name', against_choose: 'Choose the question to compare with' },
  },
  phone: 'On the phone it looks so', choose: 'Choose an item',
  year: 'Year', try: 'Try', trying: 'Trying…', decisions: '{n} decisions, {changed} would change', exact: 'By the rules of their time they come out exactly as entered.', not_exact: 'By the rules of their time they do not all come out as entered.', nothing_written: 'Only read; nothing is written.',
  cap_from: 'Cap {before} → {after} points', newly: 'Newly at the cap', no_longer: 'No longer at the cap', people: 'People', units: 'Units', person: 'Person', unit: 'Unit', count: 'Decisions', moved: 'Changed', sum: 'Sum (points)', entries: 'Points of {name}', fact: 'Fact', close: 'Close', no_people: 'Nobody’s sum changes',
  fault: {
    missing: 'is not filled in', unknown: 'is not known', unknown_field: 'is no known field', duplicate: 'stands twice', above_cap: 'is above the cap', expression: 'has a condition that does not hold up', name: 'has a name that is unfit or used before', choices: 'has unfit choices', from: 'has no source in the register', value: 'has nothing to work out', questions: 'has no questions', range: 'is out of range', words: 'lacks words', length: 'has the wrong length',
    pattern: 'has the wrong form', type: 'has the wrong type', choice: 'is none of the choices', version_changed: 'was published and stays as it is', too_long: 'is too long', time: 'is no day',
  },
  took: {
    column: 'column not taken', language: 'language not taken', sheet: 'sheet not taken', of_the_app: 'the phone keeps it anyway', type: 'no such type', name: 'name made fit', multiple_as_yes_no: 'several choices became yes/no each', of_multiple: 'not taken for several choices', date_as_moment: 'date became a time', no_choices: 'no choices', choice_filter: 'choices are not narrowed',
    other_without_text: '“Other” was added', calculate_not_a_number: 'only numbers are worked out', calculate_in_repeat: 'nothing is worked out in a group', condition_of_image: 'photos have no condition', repeat_in_repeat: 'group in a group was flattened', not_closed: 'has no end', not_open: 'has no beginning', empty_repeat: 'empty group', too_many_images: '8 kinds of photos at most',
    expression_function: 'function without a counterpart', expression_unreadable: 'condition cannot be read', expression_unknown_question: 'names an unknown question', expression_date: 'dates are not compared', expression_multiple: 'several choices are not compared so', expression_too_long: 'condition is too long',
  },
} satisfies typeof zhCN
