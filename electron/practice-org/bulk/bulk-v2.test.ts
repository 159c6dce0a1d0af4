import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { normaliseRecordId } from '../../../shared/domain/ids.ts';
import { startOrg, type TestOrg } from '../test-support/start-org.ts';

let org: TestOrg;
beforeAll(async () => {
  org = await startOrg();
});
afterAll(() => org.running.close());

const ask: TestOrg['ask'] = (path, init) => org.ask(path, init);
const ingest: TestOrg['ingest'] = (job, csv) => org.ingest(job, csv);
const query = async (soql: string): Promise<unknown> => (await org.ask(`/query?q=${encodeURIComponent(soql)}`)).body;

describe('rows are refused in Salesforce’s own words', () => {
  const HEADER = 'ERP_Id__c,Name,Rating,NumberOfEmployees,Customer_Since__c,Billing_Email__c,BillingCity';
  test.each([
    ['a required field', 'T-1,,,,,,', 'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --'],
    [
      'a date',
      'T-2,A,,,31.12.2025,,',
      "INVALID_FIELD:Failed to deserialize field at col 4. Due to, '31.12.2025' is not a valid value for the type xsd:date:Customer_Since__c --",
    ],
    [
      'a restricted picklist',
      'T-3,A,Boiling,,,,',
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Account Rating: bad value for restricted picklist field: Boiling:Rating --',
    ],
    [
      'a number',
      'T-4,A,,1431655766,,,',
      'NUMBER_OUTSIDE_VALID_RANGE:Employees: value outside of valid range on numeric field: 1431655766:NumberOfEmployees --',
    ],
    [
      'an address',
      'T-5,A,,,,foo,',
      'INVALID_EMAIL_ADDRESS:Billing Email: invalid email address: foo:Billing_Email__c --',
    ],
    [
      'a long text',
      `T-6,A,,,,,${'x'.repeat(41)}`,
      `STRING_TOO_LONG:Billing City: data value too large: ${'x'.repeat(41)} (max length=40):BillingCity --`,
    ],
    ['a blank key', ',A,,,,,', 'MISSING_ARGUMENT:ERP_Id__c not specified:--'],
  ])('%s', async (_name, row, error) => {
    const { failed, state } = await ingest(
      { object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Id__c' },
      `${HEADER}\n${row}\n`,
    );
    expect(state).toBe('JobComplete');
    expect(failed.split('\n')[0]).toBe(`"sf__Id","sf__Error",${HEADER}`);
    expect(failed).toContain(`"","${error}",`);
  });

  test('unique clashes, wrong ids, missing parents and formulas', async () => {
    const insert = await ingest({ object: 'Account', operation: 'insert' }, 'ERP_Id__c,Name\nERP-100001,A\n');
    expect(insert.failed).toMatch(
      /DUPLICATE_VALUE:duplicate value found: ERP_Id__c duplicates value on record with id: 001PR\w+:--/,
    );
    const update = await ingest(
      { object: 'Account', operation: 'update' },
      'Id,Name\n003000000000001AAA,A\n,B\n001PR0000ZZZZZZ,C\n',
    );
    expect(update.failed).toContain('MALFORMED_ID:Account ID: id value of incorrect type: 003000000000001AAA:Id --');
    expect(update.failed).toContain('MISSING_ARGUMENT:Id not specified in an update call:--');
    expect(update.failed).toContain('INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--');
    const contact = await ingest({ object: 'Contact', operation: 'insert' }, 'LastName,Account.ERP_Id__c\nA,NONE-1\n');
    expect(contact.failed).toContain(
      'INVALID_FIELD:Foreign key external ID: none-1 not found for field ERP_Id__c in entity Account:--',
    );
    const formula = await ingest({ object: 'Account', operation: 'insert' }, 'Name,Weighted_Score__c\nA,5\n');
    expect(formula.failed).toContain(
      'INVALID_FIELD_FOR_INSERT_UPDATE:Unable to create/update fields: Weighted_Score__c.',
    );
  });
});

describe('ingest jobs', () => {
  test('numbers come back re-serialised, cells quoted, header verbatim; blank is ignored and #N/A clears', async () => {
    const first = await ingest(
      { object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Id__c' },
      'ERP_Id__c,Name,Credit_Limit__c,Phone\nN-1,"A, ""B""",912260031,1\n',
    );
    expect(first.successful.split('\n')[0]).toBe('"sf__Id","sf__Created",ERP_Id__c,Name,Credit_Limit__c,Phone');
    expect(first.successful).toMatch(/"001PR\w{13}","true","N-1","A, ""B""","9.12260031E8","1"/);
    await ingest(
      { object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Id__c' },
      'ERP_Id__c,Credit_Limit__c,Phone\nN-1,,#N/A\n',
    );
    expect(await query("SELECT Credit_Limit__c, Phone FROM Account WHERE ERP_Id__c = 'N-1'")).toMatchObject({
      records: [{ Credit_Limit__c: 912260031, Phone: null }],
    });
  });

  test('a job fails as a whole for an unknown field and for the wrong line ending', async () => {
    expect(await ingest({ object: 'Account', operation: 'insert' }, 'Name,Foo__c\nA,1\n')).toMatchObject({
      state: 'Failed',
      errorMessage: 'InvalidBatch : Field name not found : Foo__c',
      unprocessed: 'Name,Foo__c\n"A","1"\n',
    });
    expect(await ingest({ object: 'Account', operation: 'insert' }, 'Name\r\nA\r\n')).toMatchObject({
      state: 'Failed',
      errorMessage: 'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF',
    });
  });

  test('one upload a job, no upload after the close, and no unheard-of transition', async () => {
    const { id } = (
      await ask('/jobs/ingest', { method: 'POST', body: JSON.stringify({ object: 'Account', operation: 'insert' }) })
    ).body as { id: string };
    expect('id' in normaliseRecordId(id) && id.startsWith('750')).toBe(true);
    const put = () => ask(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: 'Name\nA\n' });
    expect((await put()).status).toBe(201);
    expect(await put()).toMatchObject({ status: 400, body: [{ errorCode: 'BULK_API_ERROR' }] });
    expect((await ask(`/jobs/ingest/${id}`, { method: 'DELETE' })).status).toBe(400);
    await ask(`/jobs/ingest/${id}`, { method: 'PATCH', body: JSON.stringify({ state: 'Aborted' }) });
    expect((await put()).status).toBe(400);
    expect(
      (await ask(`/jobs/ingest/${id}`, { method: 'PATCH', body: JSON.stringify({ state: 'UploadComplete' }) })).status,
    ).toBe(400);
    expect((await ask(`/jobs/ingest/${id}`, { method: 'DELETE' })).status).toBe(204);
  });

  test('a malformed request gets an error, and the server goes on', async () => {
    expect((await ask('/jobs/ingest', { method: 'POST', body: '{"object":' })).status).toBe(400);
    expect(
      (await ask('/jobs/ingest', { method: 'POST', body: JSON.stringify({ object: 'Account', operation: 'explode' }) }))
        .body,
    ).toMatchObject([{ errorCode: 'INVALIDJOB' }]);
    expect(
      (
        await ask('/jobs/ingest', {
          method: 'POST',
          body: JSON.stringify({ object: 'Account', operation: 'hardDelete' }),
        })
      ).body,
    ).toMatchObject([{ errorCode: 'FEATURENOTENABLED' }]);
    expect((await ask('/sobjects/%E0%A4%A')).status).toBeGreaterThanOrEqual(400);
    expect((await ask('/sobjects')).status).toBe(200);
  });
});

test('query jobs give pages by locator, with a header on every page', async () => {
  const { id } = (
    await ask('/jobs/query', {
      method: 'POST',
      body: JSON.stringify({ operation: 'query', query: 'SELECT Id, Name FROM Account' }),
    })
  ).body as { id: string };
  await expect.poll(async () => ((await ask(`/jobs/query/${id}`)).body as { state: string }).state).toBe('JobComplete');
  let locator = '';
  let records = 0;
  do {
    const { body, headers } = await ask(`/jobs/query/${id}/results?maxRecords=25${locator}`);
    const lines = String(body).trimEnd().split('\n');
    expect(lines[0]).toBe('"Id","Name"');
    expect(Number(headers.get('sforce-numberofrecords'))).toBe(lines.length - 1);
    records += lines.length - 1;
    const next = headers.get('sforce-locator') ?? 'null';
    locator = next === 'null' ? '' : `&locator=${next}`;
  } while (locator !== '');
  expect(records).toBeGreaterThanOrEqual(60);
});

describe('uploads', () => {
  test('come zipped, in every delimiter, with CRLF and quoted newlines, and with a byte order mark', async () => {
    const own = async (job: object, body: string | Uint8Array, headers: Record<string, string> = {}) => {
      const { id } = (await org.send('POST', '/jobs/ingest', { object: 'Account', operation: 'insert', ...job }))
        .body as { id: string };
      await org.ask(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: body as never, headers });
      await org.send('PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' });
      return org.outcome(id);
    };
    expect((await own({}, gzipSync('Name\nZipped\n'), { 'content-encoding': 'gzip' })).successful).toContain(
      '"Zipped"',
    );
    for (const [columnDelimiter, c] of Object.entries({
      TAB: '\t',
      SEMICOLON: ';',
      PIPE: '|',
      CARET: '^',
      BACKQUOTE: '`',
    })) {
      const { successful } = await own({ columnDelimiter }, `Name${c}Phone\n"A${c}B"${c}1\n`);
      expect(successful.split('\n')[0]).toBe(`"sf__Id"${c}"sf__Created"${c}Name${c}Phone`);
      expect(successful).toContain(`"A${c}B"${c}"1"`);
    }
    const crlf = await own({ lineEnding: 'CRLF' }, '\ufeffName,Description\r\nA,"two\r\nlines"\r\n');
    expect(crlf.successful).toContain('"two\r\nlines"');
  });

  test('of nothing but a header, and of nothing at all, are complete jobs', async () => {
    for (const csv of ['', 'Name\n']) {
      const { state, numberRecordsProcessed, successful } = await ingest(
        { object: 'Account', operation: 'insert' },
        csv,
      );
      expect({ state, numberRecordsProcessed }).toEqual({ state: 'JobComplete', numberRecordsProcessed: 0 });
      expect(successful.trimEnd().split('\n')).toHaveLength(1);
    }
  });

  test('with a quote that is never closed fail the job, after the rows before it', async () => {
    expect(await ingest({ object: 'Account', operation: 'insert' }, 'Name\nUnclosed\n"A\n')).toMatchObject({
      state: 'Failed',
      errorMessage: 'InvalidBatch : Quoted field unterminated in row 2',
      numberRecordsProcessed: 1,
    });
  });

  test('of which half the rows have a value too many are complete jobs, as the official CLI expects', async () => {
    const rows = Array.from({ length: 10_000 }, (_all, n) => {
      const row = `account #${n},Account,415-555-0000,http://www.accountImport${n}.com`;
      return n < 5000 ? row : `,invalidField${row}`;
    });
    const { state, numberRecordsProcessed, failed, successful } = await ingest(
      { object: 'account', operation: 'insert' },
      `NAME,TYPE,PHONE,WEBSITE\n${rows.join('\n')}\n`,
    );
    const lines = (text: string): number => text.trimEnd().split('\n').length - 1;
    expect([state, numberRecordsProcessed, lines(failed), lines(successful)]).toEqual([
      'JobComplete',
      10_000,
      5000,
      5000,
    ]);
    // Results have as many cells as their header, or the CLI could not read them.
    expect(failed.split('\n')[1]?.split('","')).toHaveLength(6);
  });

  test.each([
    ['a value too few', 'A,1\nB\nC,3\n', 'The row has 1 values, the header row has 2'],
    ['a value too many', 'A,1\nB,2,3\nC,3\n', 'The row has 3 values, the header row has 2'],
    ['a space behind its quotes', 'A,1\n"B" ,2\nC,3\n', 'Text outside quotes in value 1'],
    ['a space before its quotes', 'A,1\n"B", "2"\nC,3\n', 'Quote inside an unquoted value: 2'],
    ['text behind its quotes', 'A,1\n"B"x"y",2\nC,3\n', 'Text outside quotes in value 1'],
    ['quotes in the middle of a value', 'A,1\nB"B,2\nC,3\n', 'Quote inside an unquoted value: 1'],
  ])('with %s fail that row alone', async (_name, rows, error) => {
    const csv = `Name,Phone\n${rows}`;
    const { state, successful, failed } = await ingest({ object: 'Account', operation: 'insert' }, csv);
    expect(state).toBe('JobComplete');
    expect(successful.trimEnd().split('\n')).toHaveLength(3);
    expect(failed.trimEnd().split('\n')).toHaveLength(2);
    expect(failed).toContain(`"","INVALID_FIELD:${error}:--","`);
    const crlf = await ingest(
      { object: 'Account', operation: 'insert', lineEnding: 'CRLF' },
      csv.replaceAll('\n', '\r\n'),
    );
    expect(crlf.failed).toBe(failed);
  });

  test('with an id that has quotes in it get it back as a cell of its own', async () => {
    const { failed } = await ingest({ object: 'Account', operation: 'update' }, 'Id,Name\n"a""b",C\n');
    expect(failed).toContain('"a""b","MALFORMED_ID:Account ID: id value of incorrect type: a""b:Id --","a""b","C"\n');
  });

  test('keep quoted blanks, and skip blank lines', async () => {
    const { failed, numberRecordsProcessed } = await ingest(
      { object: 'Account', operation: 'insert' },
      'Name\n\n""\n\nB\n',
    );
    expect(numberRecordsProcessed).toBe(2);
    expect(failed).toContain('REQUIRED_FIELD_MISSING');
  });

  test('come in pieces that end anywhere: between quotes, in a quote, in a line ending', async () => {
    // They are read in pieces of 256 KB: with rows of an odd length these end at every place of a row.
    const rows = Array.from(
      { length: 9000 },
      (_all, n) => `"P""${String(n).padStart(5, '0')}","two\r\nlines, ""${n % 10}"""`,
    );
    const { successful, numberRecordsProcessed, state } = await ingest(
      { object: 'Account', operation: 'insert', lineEnding: 'CRLF' },
      `Name,Description\r\n${rows.join('\r\n')}\r\n`,
    );
    expect([state, numberRecordsProcessed]).toEqual(['JobComplete', 9000]);
    const echoed = successful.match(/"P""\d{5}","two\r\nlines, ""\d"""/g) ?? [];
    expect(echoed.toSorted()).toEqual(rows);
  });

  test.each([
    [
      'too long a field',
      `Name,Description\nA,${'x'.repeat(131_073)}\n`,
      'A field of row 1 exceeds the maximum of 131072 characters',
    ],
    [
      'too many fields',
      `${Array.from({ length: 5001 }, (_all, n) => `F${n}`).join(',')}\n`,
      'The number of fields 5001 exceeds the maximum of 5000',
    ],
    ['too long a header', `Name,${'x'.repeat(32_000)}\n`, 'The header row exceeds the maximum of 32000 characters'],
  ])('%s is refused', async (_name, csv, message) => {
    expect(await ingest({ object: 'Account', operation: 'insert' }, csv)).toMatchObject({
      state: 'Failed',
      errorMessage: `InvalidBatch : ${message}`,
    });
  });

  test('may come with the job, as multipart', async () => {
    const body = [
      '--B',
      'Content-Disposition: form-data; name="job"',
      'Content-Type: application/json',
      '',
      '{"object":"Account","operation":"insert"}',
      '--B',
      'Content-Disposition: form-data; name="content"; filename="content"',
      'Content-Type: text/csv',
      '',
      'Name\nMultipart',
      '--B--',
      '',
    ].join('\r\n');
    const made = await ask('/jobs/ingest', {
      method: 'POST',
      body,
      headers: { 'content-type': 'multipart/form-data; boundary="B"' },
    });
    expect(made.body).toMatchObject({ state: 'UploadComplete' });
    expect((await org.outcome((made.body as { id: string }).id)).successful).toContain('"Multipart"');
  });
});

test('results come in no order, whole, and again', async () => {
  const rows = Array.from({ length: 5000 }, (_all, n) => `Order ${n}`);
  const { id, successful } = await ingest({ object: 'Account', operation: 'insert' }, `Name\n${rows.join('\n')}\n`);
  const order = successful
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => /Order (\d+)/.exec(line)?.[0] ?? '');
  expect(order).not.toEqual(rows);
  expect(order.toSorted()).toEqual(rows.toSorted());
  expect((await ask(`/jobs/ingest/${id}/SuccessfulResults`)).body).toBe(successful);
});

test('a job can be told to fail on the way, and an aborted one keeps what it did', async () => {
  const rows = `Name\n${'Stops\n'.repeat(1000)}`;
  await org.admin('PATCH', '/knobs', { failJobAfterRows: 450 });
  const failed = await ingest({ object: 'Account', operation: 'insert' }, rows);
  await org.admin('PATCH', '/knobs', { failJobAfterRows: 0, rowsPerSecond: 200 });
  expect(failed).toMatchObject({ state: 'Failed', numberRecordsProcessed: 450 });
  expect(failed.unprocessed.trimEnd().split('\n')).toHaveLength(551);
  const { id } = (await org.send('POST', '/jobs/ingest', { object: 'Account', operation: 'insert' })).body as {
    id: string;
  };
  await ask(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: rows });
  await org.send('PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' });
  await expect
    .poll(
      async () => ((await ask(`/jobs/ingest/${id}`)).body as { numberRecordsProcessed: number }).numberRecordsProcessed,
    )
    .toBeGreaterThan(0);
  expect((await org.send('PATCH', `/jobs/ingest/${id}`, { state: 'Aborted' })).body).toMatchObject({
    state: 'Aborted',
  });
  const aborted = await org.outcome(id);
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 0 });
  const lines = (text: string) => text.trimEnd().split('\n').length - 1;
  expect(lines(aborted.successful)).toBe(aborted.numberRecordsProcessed);
  expect(lines(aborted.successful) + lines(aborted.unprocessed)).toBe(1000);
});

describe('query jobs', () => {
  test.each<[string, number, string]>([
    ['SELECT Nme FROM Account', 400, 'INVALID_FIELD'],
    ['SELECT Name, COUNT(Id) FROM Account GROUP BY Name', 400, 'API_ERROR'],
    ['SELECT Id, (SELECT Id FROM Contacts) FROM Account', 400, 'API_ERROR'],
    ['SELECT BillingAddress FROM Account', 400, 'FEATURENOTENABLED'],
    ['SELECT Id FROM Account OFFSET 5', 400, 'API_ERROR'],
  ])('%s is refused', async (soql, status, errorCode) => {
    expect(await org.send('POST', '/jobs/query', { operation: 'query', query: soql })).toMatchObject({
      status,
      body: [{ errorCode }],
    });
  });

  test('are read with the version they were made with, as pages in parallel too, and deleted when they have ended', async () => {
    await org.admin('PATCH', '/knobs', { bulkQueryPage: 20 });
    const { id } = (
      await org.send('POST', '/jobs/query', { operation: 'query', query: 'SELECT Id, Account.Name FROM Contact' })
    ).body as { id: string };
    await expect
      .poll(async () => ((await ask(`/jobs/query/${id}`)).body as { state: string }).state)
      .toBe('JobComplete');
    expect((await ask(`//services/data/v60.0/jobs/query/${id}/results`)).status).toBe(409);
    const pages = (await ask(`/jobs/query/${id}/resultPages`)).body as {
      resultPages: { resultUrl: string; resultLink: string }[];
      done: boolean;
    };
    expect(pages).toMatchObject({ done: true });
    let rows = 0;
    for (const page of pages.resultPages)
      rows += Number((await ask(`/${page.resultUrl}`)).headers.get('sforce-numberofrecords'));
    await org.admin('PATCH', '/knobs', { bulkQueryPage: 50_000 });
    expect(rows).toBe((await org.query('SELECT COUNT(Id) n FROM Contact'))[0]?.['n']);
    expect((await ask(`/jobs/query/${id}/results?maxRecords=x`)).status).toBe(400);
    expect((await ask(`/jobs/query/${id}/results?locator=zzz`)).body).toMatchObject([
      { errorCode: 'INVALID_QUERY_LOCATOR' },
    ]);
    expect((await ask(`/jobs/query/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(`/jobs/query/${id}`)).status).toBe(404);
  });
});
