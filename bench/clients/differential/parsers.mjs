// Reads forms or paths with parsers for Node; ChildParsers.java describes the lines.
import busboy from 'busboy'
import formidable from 'formidable'
import {Readable, Writable} from 'node:stream'
import {createInterface} from 'node:readline'
import url from 'node:url'

/** Larger than all generated forms. */
const NO_LIMIT = 1024 * 1024

/** After this time a parser that has not come to an end counts as one that refuses its input. */
const STALL_MILLIS = 10_000

const hex = text => Buffer.from(text, 'utf8').toString('hex')
const fieldsOf = pairs => pairs.map(([name, value]) => `${hex(name)}:${hex(value)}`).join(',')

function readByBusboy(type, body) {
  return new Promise((resolve, reject) => {
    const pairs = []
    const parser = busboy({headers: {'content-type': type}, defParamCharset: 'utf8'})
    parser.on('field', (name, value) => pairs.push([name ?? '', value]))
    parser.on('file', (name, stream) => {
      const chunks = []
      stream.on('data', chunk => chunks.push(chunk))
      stream.on('error', reject)
      stream.on('close', () => pairs.push([name ?? '', Buffer.concat(chunks).toString()]))
    })
    parser.on('error', reject)
    parser.on('close', () => resolve(pairs))
    parser.end(body)
  })
}

async function readByFormidable(type, body) {
  const contents = new Map()
  const form = formidable({
    allowEmptyFiles: true,
    minFileSize: 0,
    maxFieldsSize: NO_LIMIT,
    fileWriteStreamHandler: file => {
      const chunks = []
      contents.set(file, chunks)
      return new Writable({
        write(chunk, encoding, done) {
          chunks.push(chunk)
          done()
        }
      })
    }
  })
  const request = Readable.from([body], {objectMode: false})
  request.headers = {'content-type': type, 'content-length': String(body.length)}
  const [fields, files] = await form.parse(request)
  const pairs = Object.entries(fields).flatMap(([name, values]) => values.map(value => [name, value]))
  for (const [name, list] of Object.entries(files)) {
    for (const file of list) {
      pairs.push([name, Buffer.concat(contents.get(file) ?? []).toString()])
    }
  }
  return pairs
}

async function readByFetch(type, body) {
  const form = await new Response(body, {headers: {'content-type': type}}).formData()
  const pairs = []
  for (const [name, value] of form.entries()) {
    pairs.push([name, typeof value === 'string' ? value : await value.text()])
  }
  return pairs
}

const formReaders = {busboy: readByBusboy, formidable: readByFormidable, 'node fetch': readByFetch}

const pathReaders = {
  // As servers do that use the URL class.
  'node URL': target => decodeURIComponent(new URL(target, 'http://h').pathname),
  // As Express and Connect do.
  'node url.parse': target => decodeURIComponent(url.parse(target).pathname),
  // As frameworks do that decode the path before they split it into segments.
  'decoded, then split': target => '/' + decodeURIComponent(target.split('?')[0]).split('/').filter(Boolean).join('/')
}

// Some parsers throw in a callback, where no caller can catch. That ends their server, so they have read nothing.
let refuseCurrent = () => {}
process.on('uncaughtException', error => refuseCurrent(error))

/** @return the reader's promise, which also ends if the reader throws in a callback, or never comes to an end */
async function settled(reader, type, body) {
  let stall
  try {
    return await new Promise((resolve, reject) => {
      refuseCurrent = reject
      stall = setTimeout(reject, STALL_MILLIS)
      reader(type, body).then(resolve, reject)
    })
  } finally {
    clearTimeout(stall)
    // The reader's last callbacks must not be mistaken for those of the next one.
    refuseCurrent = () => {}
    await new Promise(setImmediate)
  }
}

async function readForm([type, body]) {
  const text = Buffer.from(type, 'hex').toString('utf8')
  const results = []
  for (const [name, reader] of Object.entries(formReaders)) {
    let result = '!'
    try {
      result = fieldsOf(await settled(reader, text, Buffer.from(body ?? '', 'hex')))
    } catch {
      // Refused.
    }
    results.push(`${name}=${result}`)
  }
  return results
}

function readPath([target]) {
  const text = Buffer.from(target, 'hex').toString('utf8')
  return Object.entries(pathReaders).map(([name, reader]) => {
    try {
      return `${name}=${hex(reader(text))}`
    } catch {
      return `${name}=!`
    }
  })
}

const read = {forms: readForm, paths: readPath}[process.argv[2]]
for await (const line of createInterface({input: process.stdin})) {
  const results = await read(line.split(' '))
  if (!process.stdout.write(results.join('\t') + '\n')) {
    await new Promise(resume => process.stdout.once('drain', resume))
  }
}
