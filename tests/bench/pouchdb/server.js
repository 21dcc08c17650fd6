// express-pouchdb on LevelDB, with what replication needs and no more: node server.js PORT FOLDER
const [port, folder] = process.argv.slice(2)
const express = require('express')
const PouchDB = require('pouchdb-core').plugin(require('pouchdb-adapter-leveldb'))

const app = express()
const Store = PouchDB.defaults({ prefix: `${folder}/`, adapter: 'leveldb' })
app.use('/', require('express-pouchdb')(Store, { mode: 'minimumForPouchDB', inMemoryConfig: true }))
app.listen(Number(port), '127.0.0.1')
