/* Written by `npm run types` from the server's OpenAPI; do not edit. */
export interface paths {
    "/api/v1/base-map": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the company has a base map, and which
         * @description 204 when it has none.
         */
        get: operations["BaseMapAbout"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/base-map/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The base map: a PMTiles v3 file, with Range
         * @description With `If-Range` a piece is of the file that the ETag names; the whole of the new one comes when it changed.
         */
        get: operations["BaseMapFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/captures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a phone signed of its photos
         * @description Up to 200, each a compact JWS under the device's key; kept as they come, the same again changes nothing.
         */
        post: operations["SendCaptures"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coverage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What has not been looked at since a day, by unit
         * @description Looked at: an infrared inspection or a meter-box check that stands. `unseen` of the list gives the things.
         */
        get: operations["CountCoverage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** My devices; a supervisor's or admin's list has all */
        get: operations["ListDevices"];
        put?: never;
        /**
         * Register or greet this device
         * @description The session belongs to the device from then on: revoking the device ends what the session may do.
         *
         *     A device id is bound to the first key that came with it; another key is refused.
         */
        post: operations["RegisterDevice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{device}/push": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * This phone's browser takes web push
         * @description Own devices only, 404 otherwise and where web push is not set up. `invalid` for a push service that the company
         *     does not go along with, and for keys that are none. It ends with the device.
         */
        put: operations["SubscribePush"];
        post?: never;
        /**
         * This phone takes no web push any more
         * @description Own devices only.
         */
        delete: operations["UnsubscribePush"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{device}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * How this phone is
         * @description The last report counts; it stands beside the device for those who manage devices. Own devices only.
         */
        put: operations["ReportPhone"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{device}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke a device
         * @description For a lost phone: it is refused from now on. One's own, or any by a supervisor or admin.
         */
        post: operations["RevokeDevice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/editions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Checklist, rules of points and forms with their editions
         * @description For those who decide; `not_found` for others.
         */
        get: operations["ListEditions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/editions/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What is wrong with contents, and what they change
         * @description Nothing is saved. The administrator's; `not_found` for others.
         */
        post: operations["CheckEdition"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/editions/draft": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Save a draft
         * @description After the save that the editor had before him: `edited_meanwhile` names who came in between.
         */
        put: operations["SaveEdition"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/editions/one": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One part: its draft or what is in force, and its history
         * @description For those who decide; `not_found` for others, and for a form that nobody began.
         */
        get: operations["EditionDraft"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/editions/publish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make the draft an edition from a day on
         * @description `invalid` with every fault of the draft, `day_in_the_past`, or `edited_meanwhile`.
         */
        post: operations["PublishEdition"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/editions/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What one edition holds
         * @description For those who decide; `not_found` for others and for an unknown version.
         */
        get: operations["EditionBody"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/editions/xlsform": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read an XLSForm as the contents of a form
         * @description The workbook's bytes in, the form's contents and the list of what was not taken out. Nothing is saved.
         */
        post: operations["ImportXlsForm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/equipment/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Carry out what the check of the table showed; for an admin
         * @description The file and register again, with the `digest` of the check. 409 `import_changed` when a new check is needed.
         */
        post: operations["ImportEquipmentTable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/equipment/import/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a table of equipment or meter boxes would change; for an admin
         * @description The body is the file: CSV (UTF-8 or GB18030) or XLSX, of equipment or of meter boxes. Nothing is written.
         */
        post: operations["CheckEquipmentTable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** My long exports, with links to those that are made */
        get: operations["ListExports"];
        put?: never;
        /**
         * Make a long export in the background
         * @description As the direct ones; dossiers of up to 200 records. 413 `export_too_large`, 409 `too_many_exports`.
         */
        post: operations["StartExport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/dossier.pdf": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list's records, each as a dossier
         * @description A4 with bookmarks, of up to 20 records; more by `POST /exports`. The same state gives the same bytes. 404
         *     `not_found` when there are none, 413 `export_too_large`.
         */
        get: operations["ExportDossier"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/made/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A long export, by its link
         * @description For who has the link, without a sign-in. 404 once it ended: after 24 hours, when its person's rights shrank or he
         *     is signed out everywhere.
         */
        get: operations["FetchExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/photos.zip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list's photos
         * @description Originals of up to 2,000 records with telling names, `index.csv` and `SHA256SUMS`. 413 `export_too_large`.
         */
        get: operations["ExportPhotos"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/records.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list as CSV, for Excel
         * @description All rows, with words in `lang` (zh, en) and times with the offset of the company's zone.
         */
        get: operations["ExportCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/records.xlsx": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The list as a workbook */
        get: operations["ExportXlsx"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/{export}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a long export
         * @description Its file goes too. 404 when it is none of mine.
         */
        delete: operations["CancelExport"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Background jobs that were given up; for an admin */
        get: operations["ListDeadJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try all given-up jobs again */
        post: operations["RetryJobs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a given-up job again
         * @description 404 when there is no such job, or it is not given up (any more).
         */
        post: operations["RetryJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The server's public keys
         * @description For everyone: a phone whose sign-in has expired needs them too. Retired ones check old receipts.
         */
        get: operations["ListKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Records in the caller's scopes: filtered, sorted, paged
         * @description Work, or with `kind=equipment,meter_box` the register. Drafts are on their author's phone only. `after` is
         *     the `next` of the page before, or a mark's place.
         */
        get: operations["ListRecords"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/list-views": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** My saved views of the list */
        get: operations["ListViews"];
        /**
         * Keep a view under a name
         * @description In place of the one of that name; each person has at most 50.
         */
        put: operations["SaveView"];
        post?: never;
        /** Forget a saved view */
        delete: operations["ForgetView"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/list/marks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How long the list is, and places to jump to in it */
        get: operations["ListMarks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Server-sent events: something changed that the caller may read
         * @description Sends `changed` when a scope of the caller's moved: the time to pull. Ends by itself after some seconds; the
         *     browser opens it again, and is asked for its session anew.
         */
        get: operations["Live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/map": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list's records by place
         * @description `box`: `west,south,east,north` in degrees. Cells are 32 pixels wide on a map of that zoom, 256 pixels a tile.
         */
        get: operations["ListOnMap"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What this person was given notice of
         * @description Of records that he may read now; of others there is nothing.
         */
        get: operations["ListNotices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notices/choice": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** How this person is told */
        put: operations["ChooseNotices"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notices/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Notices that were seen
         * @description Own ones only; others and unknown ones are passed over.
         */
        post: operations["ReadNotices"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notices/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the ways out are; for an admin */
        get: operations["GetNoticeState"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notices/ways": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How this person is told, and what he chose */
        get: operations["GetNoticeWays"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/phones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How the phones are; who does not manage them sees the own
         * @description All devices of the organisation for a supervisor or admin, with their last report.
         */
        get: operations["ListPhones"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/photos/missing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Which photos are to be sent
         * @description {"photos": [{sha256, size}]}, up to 500; answers have, partial with its offset, or new for each.
         */
        post: operations["MissingPhotos"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/photos/{sha256}/capture": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the phone signed of a photo
         * @description verified, unsigned or broken, for who may see the photo; 404 `photo_unknown` else.
         */
        get: operations["PhotoCapture"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/photos/{sha256}/facts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is known of a photo
         * @description Size, time and place as the file claims, temperatures, and why something could not be read.
         */
        get: operations["PhotoFacts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/photos/{sha256}/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a watermark carries
         * @description For who may see the photo; 404 `photo_unknown` else.
         */
        get: operations["PhotoProof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/photos/{sha256}/{view}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A photo or a view of it
         * @description original (with Range), w320, w1600, thermal.
         *
         *     The original never changes under its address. A view may be made anew, so it is asked for again after a
         *     while, by its ETag. A browser that shows or keeps an original is sent on (307) to the store where that is set up,
         *     by an address that is good for five minutes.
         */
        get: operations["PhotoView"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The company's ledger
         * @description The lines in order; `not_found` for those who may not read it.
         */
        get: operations["Ledger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/ledger/chain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the company's ledger holds
         * @description All lines and their copies are checked anew: seconds for ten thousand lines. Who may ask: as for the lines.
         */
        get: operations["LedgerChain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * My own points
         * @description The signed-in person's account.
         */
        get: operations["MyPoints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/people/{person}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A person's points
         * @description One's own account, or anybody's for supervisors, leaders and auditors; `not_found` for others.
         */
        get: operations["PointsOf"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/trial": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What edited rules would make of a year's decisions
         * @description For supervisors, leaders and administrators, of the units below them. Only reads; `invalid` names each fault.
         */
        post: operations["TryRules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/trial/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The decisions behind a row of a trial
         * @description For supervisors, leaders and administrators; only reads.
         */
        post: operations["TriedEntries"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/receipts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** My devices' latest receipts; all for a supervisor or admin */
        get: operations["ListReceipts"];
        put?: never;
        /**
         * The receipt at day's end
         * @description Signed only when all that the phone names is stored whole; 409 names what is missing.
         */
        post: operations["GiveReceipt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/records/{id}/measured": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A thermal picture measured again
         * @description The places and conditions of the record, read by the server in the original. 404 `not_found` for a record that
         *     the caller may not read, or that was not measured on a picture.
         */
        get: operations["Remeasured"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/records/{id}/reused": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Photos that other records show too
         * @description For reviewers: the same file in another record, and photos with the same picture in them, however they were
         *     cut, mirrored or written on. 404 `not_found` for a record that the caller may not read.
         */
        get: operations["ReusedPhotos"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rescue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Rescue files brought in, with what came of them */
        get: operations["ListRescueFiles"];
        put?: never;
        /**
         * The next bytes of a rescue file
         * @description Headers: Rescue-File (SHA-256 of the whole file), Upload-Offset, Upload-Length. Go on from the `offset`
         *     answered; the newest request owns the file.
         */
        post: operations["SendRescueFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rescue/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where a rescue file stands
         * @description 404 when nothing of it has come from the asker, and nobody of his brought it in.
         */
        get: operations["RescueFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rescue/{file}/bring-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring a file in
         * @description By anybody who carries it; what is in it is told to supervisors and administrators only.
         */
        post: operations["BringInRescueFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rescue/{file}/inside": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a file holds
         * @description For supervisors and administrators; brings nothing in.
         */
        post: operations["OpenRescueFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rescue/{file}/kept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a file holds that was not applied
         * @description For supervisors and administrators; changes that no push could carry and unsaved forms, as the phone had them.
         */
        get: operations["RescueKept"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/returns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Returned records, and whether their authors opened them
         * @description For supervisors, of the units whose records they review. A returned record itself is its author's alone.
         */
        get: operations["ListReturns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reviewers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How far reviewers agree, and who is more lenient
         * @description From blind second looks. Leaders and administrators see all; a supervisor his own figures.
         */
        get: operations["Reviewers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/second-looks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Records that two decided, and what they differ about
         * @description For supervisors, leaders and administrators. Of a decision that waits for a second one nothing is told, to
         *     whoever did not take it.
         */
        get: operations["SecondLooks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/second-looks/{look}/settle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Settle what two reviewers differ about
         * @description For the person who is named; 404 for what the caller may not read.
         */
        post: operations["SettleSecondLook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in */
        get: operations["GetSession"];
        put?: never;
        /**
         * Sign in
         * @description Opens a session and sets its cookie. Each sign-in has a token of its own.
         */
        post: operations["SignIn"];
        /**
         * Sign out
         * @description Ends this session. Signing out twice is no error.
         */
        delete: operations["SignOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign a phone in by its code
         * @description Opens a session as a password does. A code is good once; wrong ones count against the address.
         */
        post: operations["SignInByCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/staff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All units and people with their roles; for an admin */
        get: operations["GetStaff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/staff/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add a person with an account */
        post: operations["AddPerson"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/staff/people/{person}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change a person, or let leave */
        patch: operations["ChangePerson"];
        trace?: never;
    };
    "/api/v1/staff/people/{person}/enrolments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A code that signs one phone of the person in
         * @description Codes of before that nobody used end with it.
         */
        post: operations["InviteDevice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/staff/people/{person}/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A new password; it ends the person's sign-ins */
        post: operations["SetPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/staff/people/{person}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A role, or a deputy's */
        post: operations["GiveRole"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/staff/people/{person}/roles/{grant}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a role now or from a time */
        post: operations["EndRole"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/staff/units": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add a unit */
        post: operations["AddUnit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/staff/units/{unit}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Rename, move, close a unit */
        patch: operations["ChangeUnit"];
        trace?: never;
    };
    "/api/v1/sync/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Compare what a phone holds
         * @description Tells scope by scope whether the phone holds what the server holds.
         */
        post: operations["SyncAudit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sync/exceptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Conflicts and refused operations
         * @description What lies in the caller's scopes, newest first; `next` is the `before` of the following page.
         */
        get: operations["Exceptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sync/exceptions/{device}/{n}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One exception, whole
         * @description With the payload as it came, however large.
         */
        get: operations["ExceptionOne"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sync/exceptions/{device}/{n}/settle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Settle a conflict or a refusal
         * @description Keeps the record's value, takes the other one, or lets a refusal be; the second one is told who did.
         */
        post: operations["SettleException"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sync/lacking": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Which of the operations that it acknowledged the server lacks
         * @description For a phone whose server began anew: of the caller's own devices, see `sync.kept`.
         */
        post: operations["SyncLacking"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sync/pull": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what changed after a cursor
         * @description Answers 304 when nothing changed for the caller, 410 when the reader has to start again.
         */
        get: operations["SyncPull"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sync/push": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send numbered operations
         * @description Applies each operation once and answers one by one; one bad operation does not stop the others.
         */
        post: operations["SyncPush"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sync/waiting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Photos that devices have announced and not sent
         * @description Of records in the caller's scopes; who does not control learns only of the own devices.
         */
        get: operations["WaitingPhotos"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sync/where/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where a record, event, photo or operation is
         * @description `id` is a record's or an event's id, a photo's SHA-256, or `device:n`. 404 `not_found` for what was never
         *     here and for what the caller may not know of, alike.
         */
        get: operations["Where"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin (or find again) an upload
         * @description tus creation; with a body also creation-with-upload. Repeating it is harmless.
         */
        post: operations["CreateUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/uploads/{upload}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Forget an upload
         * @description Only an unfinished one: a stored photo is evidence and stays.
         */
        delete: operations["TerminateUpload"];
        options?: never;
        /**
         * Where an upload stands
         * @description Upload-Offset is durable: the phone goes on from there.
         */
        head: operations["UploadOffset"];
        /**
         * Send the next bytes
         * @description The newest request owns the upload; an older one on it ends at once.
         */
        patch: operations["AppendUpload"];
        trace?: never;
    };
    "/api/v1/verify/record/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a dossier's address proves
         * @description For everyone who has the address; 404 `not_found` for one that this server never gave out.
         */
        get: operations["VerifyRecord"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/verify/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a watermark's address proves
         * @description For everyone who has the address; 404 `not_found` for one that this server never gave out.
         */
        get: operations["VerifyPhoto"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zeros": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What counts against the seven zeros, by unit
         * @description Days of the company's zone, both with it. `zero`, `since` and `until` of the list give the records.
         */
        get: operations["CountZeros"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process answers */
        get: operations["Alive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Database and photo store answer
         * @description 503 while the database, its tables or the photo store are not there.
         *
         *     `full` when there is no room for photos: the server is not taken out for it, records can be read and phones
         *     are told why nothing is taken.
         */
        get: operations["Ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Accept
         * @description An accepted record may carry a remark.
         */
        Accept: {
            /** @default null */
            bulk?: components["schemas"]["Bulk"] | null;
            /** @default null */
            note?: string | null;
        };
        /** Account */
        Account: {
            balance: number;
            cap: number;
            cycle: string;
            entries: {
                [key: string]: unknown;
            }[];
            person: string;
            thresholds: components["schemas"]["backend_features_points_rules_Step"][];
            to_cap: number;
        };
        /** ActingFor */
        ActingFor: {
            name: string;
            person: string;
            roles: string[];
        };
        /**
         * Amend
         * @description A step is corrected: what was said at first stays in the log before it.
         */
        Amend: {
            /** @default null */
            cause?: string | null;
            /** @default null */
            measure?: string | null;
            /** @default null */
            note?: string | null;
            /** @default [] */
            photos?: components["schemas"]["Photo"][];
            reason: string;
            /** @enum {unknown} */
            step: "arrive" | "locate" | "repair" | "restore";
        };
        /** Announced */
        Announced: {
            device: string;
            photos: number;
            records: number;
            /** Format: date-time */
            since: string;
        };
        /**
         * Arrive
         * @description On the spot; the position is proof, so it carries its error in metres.
         */
        Arrive: {
            /** @default null */
            accuracy_m?: number | null;
            /** @default null */
            lat?: number | null;
            /** @default null */
            lon?: number | null;
            /** @default [] */
            photos?: components["schemas"]["Photo"][];
        };
        /** BadCell */
        BadCell: {
            /** @enum {string} */
            code: "missing" | "unknown" | "number" | "range" | "length" | "duplicate" | "ambiguous" | "formula" | "closed" | "pair";
            column: string;
            right?: string[];
            row: number;
            value: string;
        };
        /** BaseMapAbout */
        BaseMapAbout: {
            /** @enum {string} */
            datum: "wgs84" | "gcj02";
            etag: string;
            size: number;
        };
        Bodies: {
            defect: components["schemas"]["Defect"];
            edition: components["schemas"]["EditionRecord"];
            entry: components["schemas"]["Entry"];
            equipment: components["schemas"]["Equipment"];
            finding: components["schemas"]["Finding"];
            form: components["schemas"]["FormRecord"];
            hazard: components["schemas"]["Hazard"];
            infrared: components["schemas"]["Infrared"];
            meter_box: components["schemas"]["MeterBox"];
            person: components["schemas"]["Person"];
            repair: components["schemas"]["Repair"];
            unit: components["schemas"]["Unit"];
            violation: components["schemas"]["Violation"];
        };
        /**
         * Bulk
         * @description Accepted together with others: how many, and which records of the kind were accepted one by one before.
         */
        Bulk: {
            records: number;
            sample: string[];
        };
        /** ChainState */
        ChainState: {
            broken_at: number | null;
            count: number;
            head: string | null;
            ok: boolean;
        };
        /** Choice */
        Choice: {
            /** @default  */
            address?: string;
            /** @enum {string} */
            language: "zh-CN" | "en";
            quiet?: string | null;
        };
        /** Compared */
        Compared: {
            after: number;
            before: number;
            fact: string;
            /** Format: date-time */
            happened_at: string;
            item: string;
            n: number;
            person: string;
            unit: string;
        };
        /**
         * Conditions
         * @description What the temperatures of a thermal picture were worked out with: °C, m, %.
         */
        Conditions: {
            /** @default null */
            atmospheric_c?: number | null;
            /** @default null */
            distance_m?: number | null;
            /** @default null */
            emissivity?: number | null;
            /** @default null */
            humidity_pct?: number | null;
            /** @default null */
            reflected_c?: number | null;
        };
        /**
         * Confirm
         * @description The decision that counts; the remark is kept with the entry.
         */
        Confirm: {
            /** @default null */
            note?: string | null;
        };
        /** Coverage */
        Coverage: {
            units: components["schemas"]["Covered"][];
        };
        /** Covered */
        Covered: {
            all: number;
            unit: string;
            unseen: number;
        };
        /** DeadJob */
        DeadJob: {
            attempts: number;
            created_at: string;
            error: string;
            id: string;
            name: string;
            org: string;
            photo: string | null;
        };
        /** DeadJobs */
        DeadJobs: {
            jobs: components["schemas"]["DeadJob"][];
        };
        /**
         * Decide
         * @description Where the rule asks for a person (near limit, between grades, voltage heating), he may set the grade.
         */
        Decide: {
            /** @default null */
            bulk?: components["schemas"]["Bulk"] | null;
            /** @default null */
            grade?: ("critical" | "general" | "normal" | "serious") | null;
            /** @default null */
            note?: string | null;
        };
        /**
         * Defect
         * @description What is wrong, how badly, and until when it must be put right. Opened by the server from a record.
         */
        Defect: {
            /** Format: date-time */
            deadline_at: string;
            /** @default null */
            equipment?: string | null;
            /** @enum {unknown} */
            grade: "critical" | "general" | "serious";
            /** @default null */
            meter_box?: string | null;
            /** Format: date-time */
            opened_at: string;
            /** @default null */
            owner?: string | null;
            source: string;
            /** @enum {unknown} */
            source_kind: "hazard" | "infrared";
            title: string;
            /** @default null */
            title_en?: string | null;
            unit: string;
        };
        /** DefectPatch */
        DefectPatch: {
            /** Format: date-time */
            deadline_at?: string;
            equipment?: string | null;
            /** @enum {unknown} */
            grade?: "critical" | "general" | "serious";
            meter_box?: string | null;
            /** Format: date-time */
            opened_at?: string;
            owner?: string | null;
            source?: string;
            /** @enum {unknown} */
            source_kind?: "hazard" | "infrared";
            title?: string;
            title_en?: string | null;
            unit?: string;
        };
        /** Deleted */
        Deleted: {
            /** Format: date-time */
            at: string;
            by: string;
        };
        /** Device */
        Device: {
            app_version: string;
            id: string;
            last_seen: string | null;
            n: number;
            name: string;
            person: string;
            registered_at: string;
            revoked_at: string | null;
            skew_error_ms: number | null;
            skew_ms: number | null;
        };
        /** Devices */
        Devices: {
            devices: components["schemas"]["Device"][];
        };
        /**
         * Dismiss
         * @description Why nothing is counted.
         */
        Dismiss: {
            reason: string;
        };
        /** DraftChange */
        DraftChange: {
            after: unknown;
            before: unknown;
            path: string;
        };
        /** DraftCheck */
        DraftCheck: {
            changes: components["schemas"]["DraftChange"][];
            faults: components["schemas"]["DraftFault"][];
        };
        /** DraftFault */
        DraftFault: {
            code: string;
            /** @default  */
            detail?: string;
            path: string;
        };
        /** Editing */
        Editing: {
            at: string | null;
            base: string;
            body: {
                [key: string]: unknown;
            };
            by_name: string | null;
            changes: components["schemas"]["DraftChange"][];
            draft: boolean;
            earliest: string;
            faults: components["schemas"]["DraftFault"][];
            n: number;
            part: string;
            published: components["schemas"]["Published"][];
        };
        /** EditionBody */
        EditionBody: {
            body: {
                [key: string]: unknown;
            };
            part: string;
            version: string;
        };
        /**
         * EditionRecord
         * @description A published checklist or form, as phones take it.
         */
        EditionRecord: {
            content: Record<string, never>;
            effective_from: string;
            part: string;
            published_at: string;
            version: string;
        };
        /** EditionRecordPatch */
        EditionRecordPatch: {
            content?: Record<string, never>;
            effective_from?: string;
            part?: string;
            published_at?: string;
            version?: string;
        };
        /** Elsewhere */
        Elsewhere: {
            author: string | null;
            kind: string;
            mirrored: boolean;
            record: string;
            role: string;
            sha256: string;
            share: number;
            state: string;
            taken_at: string | null;
            unit: string | null;
        };
        /**
         * Entry
         * @description The person's own copy of a ledger line. The ledger table is the original.
         */
        Entry: {
            balance: number;
            base_points: number;
            cap: number;
            catalogue: string;
            /** Format: date-time */
            decided_at: string;
            decider: string;
            fact: string;
            finder: string;
            finding: string;
            /** Format: date-time */
            happened_at: string;
            hash: string;
            /** @default null */
            instead_of?: string | null;
            item: string;
            modifiers: string[];
            n: number;
            /** @default null */
            note?: string | null;
            person: string;
            photos: components["schemas"]["Photo"][];
            points: number;
            prev_hash: string;
            rule: string;
            unit: string;
            violation: string;
        };
        /** EntryPatch */
        EntryPatch: {
            balance?: number;
            base_points?: number;
            cap?: number;
            catalogue?: string;
            /** Format: date-time */
            decided_at?: string;
            decider?: string;
            fact?: string;
            finder?: string;
            finding?: string;
            /** Format: date-time */
            happened_at?: string;
            hash?: string;
            instead_of?: string | null;
            item?: string;
            modifiers?: string[];
            n?: number;
            note?: string | null;
            person?: string;
            photos?: components["schemas"]["Photo"][];
            points?: number;
            prev_hash?: string;
            rule?: string;
            unit?: string;
            violation?: string;
        };
        /**
         * Equipment
         * @description One piece of equipment. `row` is its usual row of the DL/T 664 table (C01 … V13).
         */
        Equipment: {
            area_name: string;
            code: string;
            /** @default null */
            lat?: number | null;
            line: string;
            /** @default null */
            lon?: number | null;
            name: string;
            /** @default null */
            owner?: string | null;
            /** @default null */
            rated_a?: number | null;
            row: string;
            /** @enum {unknown} */
            type: "arrester" | "breaker" | "bushing" | "cable" | "capacitor" | "instrument" | "insulator" | "joint" | "other" | "switch" | "transformer";
            unit: string;
            voltage_kv: number;
        };
        /** EquipmentPatch */
        EquipmentPatch: {
            area_name?: string;
            code?: string;
            lat?: number | null;
            line?: string;
            lon?: number | null;
            name?: string;
            owner?: string | null;
            rated_a?: number | null;
            row?: string;
            /** @enum {unknown} */
            type?: "arrester" | "breaker" | "bushing" | "cable" | "capacitor" | "instrument" | "insulator" | "joint" | "other" | "switch" | "transformer";
            unit?: string;
            voltage_kv?: number;
        };
        /** Estimate */
        Estimate: {
            high: number;
            low: number;
            value: number;
        };
        Events: {
            defect: {
                recheck_fail: components["schemas"]["RecheckFailed"];
                recheck_pass: components["schemas"]["Nothing"];
                rectify: components["schemas"]["Rectified"];
                regrade: components["schemas"]["Regrade"];
                start: components["schemas"]["Nothing"];
                void: components["schemas"]["Nothing"];
            };
            edition: Record<string, never>;
            entry: Record<string, never>;
            equipment: Record<string, never>;
            finding: {
                accept: components["schemas"]["Accept"];
                amend: components["schemas"]["FindingAmend"];
                open: components["schemas"]["Nothing"];
                reject: components["schemas"]["Reject"];
                reopen: components["schemas"]["Reopen"];
                return: components["schemas"]["Return"];
                second: components["schemas"]["Second"];
                submit: components["schemas"]["Submit"];
            };
            form: {
                accept: components["schemas"]["Accept"];
                amend: components["schemas"]["FormRecordAmend"];
                open: components["schemas"]["Nothing"];
                reject: components["schemas"]["Reject"];
                reopen: components["schemas"]["Reopen"];
                return: components["schemas"]["Return"];
                second: components["schemas"]["Second"];
                submit: components["schemas"]["Submit"];
            };
            hazard: {
                accept: components["schemas"]["Accept"];
                amend: components["schemas"]["HazardAmend"];
                open: components["schemas"]["Nothing"];
                reject: components["schemas"]["Reject"];
                reopen: components["schemas"]["Reopen"];
                return: components["schemas"]["Return"];
                second: components["schemas"]["Second"];
                submit: components["schemas"]["Submit"];
            };
            infrared: {
                accept: components["schemas"]["Decide"];
                amend: components["schemas"]["InfraredAmend"];
                open: components["schemas"]["Nothing"];
                reject: components["schemas"]["Reject"];
                reopen: components["schemas"]["Reopen"];
                return: components["schemas"]["Return"];
                second: components["schemas"]["Second"];
                submit: components["schemas"]["Submit"];
            };
            meter_box: Record<string, never>;
            person: Record<string, never>;
            repair: {
                accept: components["schemas"]["Accept"];
                amend: components["schemas"]["Amend"];
                arrive: components["schemas"]["Arrive"];
                cancel: components["schemas"]["Nothing"];
                locate: components["schemas"]["Locate"];
                open: components["schemas"]["Nothing"];
                receive: components["schemas"]["Nothing"];
                regrade: components["schemas"]["Regraded"];
                reopen: components["schemas"]["Reopen"];
                repair: components["schemas"]["Mend"];
                restore: components["schemas"]["Restore"];
                return: components["schemas"]["Return"];
                second: components["schemas"]["Second"];
            };
            unit: Record<string, never>;
            violation: {
                confirm: components["schemas"]["Confirm"];
                dismiss: components["schemas"]["Dismiss"];
            };
        };
        /** Fault */
        Fault: {
            /** Format: date-time */
            at: string;
            code: string;
            count: number;
        };
        /**
         * Filled
         * @description A sheet's answers by the names of its questions; a repeated group's are a list. See `backend/sheets.py`.
         */
        Filled: {
            answers: {
                [key: string]: boolean | number | string | {
                    [key: string]: boolean | number | string;
                }[];
            };
            id: string;
            version: number;
        };
        /**
         * Finding
         * @description One broken rule: where, which item of which catalogue edition, who is responsible, what was seen.
         */
        Finding: {
            catalogue: string;
            /** @default false */
            complaint?: boolean;
            fact: string;
            /** @default false */
            false_evidence?: boolean;
            /** Format: date-time */
            happened_at: string;
            item: string;
            /** @default null */
            person?: string | null;
            /** @default [] */
            photos?: components["schemas"]["Photo"][];
            /** @default null */
            place?: string | null;
            /** @default false */
            practice?: boolean;
            /** @default false */
            self_reported?: boolean;
            /** @default null */
            sheet?: components["schemas"]["Filled"] | null;
            /** @default null */
            signature?: components["schemas"]["Signature"] | null;
            /** @default [] */
            trace?: components["schemas"]["Touched"][];
            unit: string;
            /** @enum {unknown} */
            visit: "directed" | "regular" | "unannounced";
        };
        /** FindingAmend */
        FindingAmend: {
            changes: components["schemas"]["FindingAmendChanges"];
            reason: string;
        };
        /** FindingAmendChanges */
        FindingAmendChanges: {
            fact?: string;
            /** Format: date-time */
            happened_at?: string;
            item?: string;
            photos?: components["schemas"]["Photo"][];
            place?: string | null;
            sheet?: components["schemas"]["Filled"] | null;
        };
        /** FindingPatch */
        FindingPatch: {
            catalogue?: string | null;
            complaint?: boolean | null;
            fact?: string | null;
            false_evidence?: boolean | null;
            happened_at?: string | null;
            item?: string | null;
            person?: string | null;
            photos?: components["schemas"]["Photo"][] | null;
            place?: string | null;
            practice?: boolean | null;
            self_reported?: boolean | null;
            sheet?: components["schemas"]["Filled"] | null;
            signature?: components["schemas"]["Signature"] | null;
            trace?: components["schemas"]["Touched"][] | null;
            unit?: string | null;
            visit?: ("directed" | "regular" | "unannounced") | null;
        };
        /**
         * FormRecord
         * @description `form` and `edition` name the questions; `title` is what the form was called then.
         */
        FormRecord: {
            /** @default {} */
            answers?: {
                [key: string]: boolean | number | string | {
                    [key: string]: boolean | number | string;
                }[];
            };
            edition: string;
            form: string;
            /** Format: date-time */
            happened_at: string;
            /** @default null */
            note?: string | null;
            /** @default [] */
            photos?: components["schemas"]["Photo"][];
            /** @default null */
            place?: string | null;
            /** @default false */
            practice?: boolean;
            title: string;
            /** @default null */
            title_en?: string | null;
            /** @default [] */
            trace?: components["schemas"]["Touched"][];
            unit: string;
        };
        /** FormRecordAmend */
        FormRecordAmend: {
            changes: components["schemas"]["FormRecordAmendChanges"];
            reason: string;
        };
        /** FormRecordAmendChanges */
        FormRecordAmendChanges: {
            answers?: {
                [key: string]: boolean | number | string | {
                    [key: string]: boolean | number | string;
                }[];
            };
            /** Format: date-time */
            happened_at?: string;
            note?: string | null;
            photos?: components["schemas"]["Photo"][];
            place?: string | null;
        };
        /** FormRecordPatch */
        FormRecordPatch: {
            answers?: {
                [key: string]: boolean | number | string | {
                    [key: string]: boolean | number | string;
                }[];
            } | null;
            edition?: string | null;
            form?: string | null;
            happened_at?: string | null;
            note?: string | null;
            photos?: components["schemas"]["Photo"][] | null;
            place?: string | null;
            practice?: boolean | null;
            title?: string | null;
            title_en?: string | null;
            trace?: components["schemas"]["Touched"][] | null;
            unit?: string | null;
        };
        /** Given */
        Given: {
            receipt: components["schemas"]["Receipt"];
            signed: string;
        };
        /**
         * Hazard
         * @description Everything found at one box on one visit. `controlled`: the danger was isolated on the spot.
         */
        Hazard: {
            /** @default false */
            controlled?: boolean;
            /** Format: date-time */
            found_at: string;
            items: string[];
            meter_box: string;
            /** @default null */
            note?: string | null;
            /** @enum {unknown} */
            ownership: "customer" | "property" | "utility";
            photos: components["schemas"]["Photo"][];
            /** @default false */
            practice?: boolean;
            /** @default null */
            signature?: components["schemas"]["Signature"] | null;
            /** @default [] */
            trace?: components["schemas"]["Touched"][];
            unit: string;
        };
        /** HazardAmend */
        HazardAmend: {
            changes: components["schemas"]["HazardAmendChanges"];
            reason: string;
        };
        /** HazardAmendChanges */
        HazardAmendChanges: {
            controlled?: boolean;
            /** Format: date-time */
            found_at?: string;
            items?: string[];
            note?: string | null;
            /** @enum {unknown} */
            ownership?: "customer" | "property" | "utility";
            photos?: components["schemas"]["Photo"][];
        };
        /** HazardPatch */
        HazardPatch: {
            controlled?: boolean | null;
            found_at?: string | null;
            items?: string[] | null;
            meter_box?: string | null;
            note?: string | null;
            ownership?: ("customer" | "property" | "utility") | null;
            photos?: components["schemas"]["Photo"][] | null;
            practice?: boolean | null;
            signature?: components["schemas"]["Signature"] | null;
            trace?: components["schemas"]["Touched"][] | null;
            unit?: string | null;
        };
        /** HeldRole */
        HeldRole: {
            id: string;
            instead_of: string | null;
            role: string;
            runs: boolean;
            /** Format: date-time */
            since: string;
            until: string | null;
        };
        /** Here */
        Here: {
            author: string | null;
            /** Format: date-time */
            changed_at: string;
            rev: number;
            /** Format: date-time */
            since: string;
            state: string;
            waits: components["schemas"]["Waits"] | null;
        };
        /** ImportDone */
        ImportDone: {
            changed: number;
            new: number;
            same: number;
        };
        /** ImportNote */
        ImportNote: {
            code: string;
            /**
             * @default dropped
             * @enum {string}
             */
            kind?: "dropped" | "changed";
            row: number;
            sheet: string;
            what: string;
        };
        /** ImportPlan */
        ImportPlan: {
            bad: components["schemas"]["BadCell"][];
            changed: number;
            changes: components["schemas"]["PlannedRow"][];
            digest: string;
            new: number;
            rows: number;
            same: number;
        };
        /** Imported */
        Imported: {
            body: {
                [key: string]: unknown;
            };
            name: string;
            notes: components["schemas"]["ImportNote"][];
        };
        /**
         * Infrared
         * @description One device measured once. Temperatures in °C, currents in A, wind in m/s, humidity in %.
         */
        Infrared: {
            ambient_c: number;
            /** @default null */
            camera?: string | null;
            /** @default null */
            distance_m?: number | null;
            /** @default 0.9 */
            emissivity?: number;
            equipment: string;
            /** @default null */
            humidity_pct?: number | null;
            /** @default null */
            load_a?: number | null;
            /** @default null */
            measured?: components["schemas"]["Measured"] | null;
            /** @default null */
            note?: string | null;
            photos: components["schemas"]["Photo"][];
            points: components["schemas"]["Point"][];
            /** @default false */
            practice?: boolean;
            /** @default null */
            rated_a?: number | null;
            /** @default null */
            reflected_c?: number | null;
            row: string;
            /** Format: date-time */
            taken_at: string;
            /** @default [] */
            trace?: components["schemas"]["Touched"][];
            unit: string;
            /** @default null */
            weather?: ("cloudy" | "fog" | "overcast" | "rain" | "snow" | "sunny" | "thunder") | null;
            /** @default null */
            wind_m_s?: number | null;
        };
        /** InfraredAmend */
        InfraredAmend: {
            changes: components["schemas"]["InfraredAmendChanges"];
            reason: string;
        };
        /** InfraredAmendChanges */
        InfraredAmendChanges: {
            ambient_c?: number;
            camera?: string | null;
            distance_m?: number | null;
            emissivity?: number;
            humidity_pct?: number | null;
            load_a?: number | null;
            measured?: components["schemas"]["Measured"] | null;
            note?: string | null;
            photos?: components["schemas"]["Photo"][];
            points?: components["schemas"]["Point"][];
            rated_a?: number | null;
            reflected_c?: number | null;
            row?: string;
            /** Format: date-time */
            taken_at?: string;
            weather?: ("cloudy" | "fog" | "overcast" | "rain" | "snow" | "sunny" | "thunder") | null;
            wind_m_s?: number | null;
        };
        /** InfraredPatch */
        InfraredPatch: {
            ambient_c?: number | null;
            camera?: string | null;
            distance_m?: number | null;
            emissivity?: number | null;
            equipment?: string | null;
            humidity_pct?: number | null;
            load_a?: number | null;
            measured?: components["schemas"]["Measured"] | null;
            note?: string | null;
            photos?: components["schemas"]["Photo"][] | null;
            points?: components["schemas"]["Point"][] | null;
            practice?: boolean | null;
            rated_a?: number | null;
            reflected_c?: number | null;
            row?: string | null;
            taken_at?: string | null;
            trace?: components["schemas"]["Touched"][] | null;
            unit?: string | null;
            weather?: ("cloudy" | "fog" | "overcast" | "rain" | "snow" | "sunny" | "thunder") | null;
            wind_m_s?: number | null;
        };
        /** Inside */
        Inside: {
            aside: number;
            brought_at: string | null;
            brought_by: string | null;
            device: string;
            device_name: string;
            drafts: number;
            expected: number;
            file: string;
            first: number;
            last: number;
            lines: components["schemas"]["Line"][];
            made_at: string;
            person: string;
            person_name: string;
            photo_bytes: number;
            photos: number;
            refused_photos: string[];
            revoked: boolean;
            state: string;
        };
        /** Invited */
        Invited: {
            code: string;
            /** Format: date-time */
            ends_at: string;
            qr: string[];
            url: string;
        };
        /** Judged */
        Judged: {
            device: string | null;
            n: number | null;
            reason: string | null;
            received_at: string | null;
            signed_at: string | null;
            /** @enum {string} */
            state: "verified" | "unsigned" | "broken";
        };
        /** KeptAside */
        KeptAside: {
            aside: unknown[];
            drafts: unknown[];
        };
        /** Latest */
        Latest: {
            at: string;
            day: string;
            device: string;
            n: number;
            person: string;
            photos: number;
            records: number;
            refused: number;
            signed: string;
        };
        /** LedgerPage */
        LedgerPage: {
            entries: {
                [key: string]: unknown;
            }[];
            more: boolean;
        };
        /** Limits */
        Limits: {
            push_bytes: number;
            push_ops: number;
            upload_chunk: number;
            upload_max: number;
        };
        /** Line */
        Line: {
            code: string;
            id: string;
            kind: string;
            n: number;
            op: string;
            status: string;
            type: string;
        };
        /** ListMark */
        ListMark: {
            after: string;
            n: number;
        };
        /** ListMarks */
        ListMarks: {
            marks: components["schemas"]["ListMark"][];
            total: number;
        };
        /** ListPage */
        ListPage: {
            names: {
                [key: string]: components["schemas"]["Named"];
            };
            next: string | null;
            rows: components["schemas"]["ListRow"][];
        };
        /** ListRow */
        ListRow: {
            at: string;
            changed: string;
            grade: string | null;
            id: string;
            kind: string;
            person: string;
            state: string;
            thing: string;
            title: string;
            title_en: string;
            unit: string;
        };
        /** Listed */
        Listed: {
            files: components["schemas"]["Inside"][];
        };
        /**
         * Locate
         * @description The cause is found.
         */
        Locate: {
            cause: string;
            /** @default [] */
            photos?: components["schemas"]["Photo"][];
        };
        /** LongExport */
        LongExport: {
            created_at: string;
            done: number;
            ends_at: string;
            id: string;
            link: string | null;
            reason: string;
            size: number;
            state: string;
            total: number;
            what: string;
        };
        /** LongExports */
        LongExports: {
            exports: components["schemas"]["LongExport"][];
        };
        /** MapCell */
        MapCell: {
            grade: string | null;
            id: string;
            kind: string;
            lat: number;
            lon: number;
            n: number;
            state: string;
            thing: string;
            title: string;
            title_en: string;
        };
        /** MapCells */
        MapCells: {
            cells: components["schemas"]["MapCell"][];
            names: {
                [key: string]: components["schemas"]["Named"];
            };
        };
        /**
         * Mark
         * @description A point as it was measured on the picture: pixel or corners from 0, and the temperature taken from there.
         *
         *         A spot's temperature is the mean of its 3 x 3 pixels, that of a line or a box its highest.
         */
        Mark: {
            at: number[];
            /** @default 0 */
            invalid?: number;
            label: string;
            temp_c: number;
            /** @enum {unknown} */
            tool: "box" | "line" | "spot";
        };
        /** Me */
        Me: {
            acting_for: components["schemas"]["ActingFor"][];
            bulk_sample_pct: number;
            clock_limit_s: number;
            /** Format: date-time */
            expires_at: string;
            /** Format: date-time */
            now: string;
            org: components["schemas"]["MeOrg"];
            person: components["schemas"]["MePerson"];
            recordings: components["schemas"]["Recordings"];
            roles: string[];
            scopes: string[];
        };
        /** MeOrg */
        MeOrg: {
            id: string;
            name: string;
        };
        /** MePerson */
        MePerson: {
            id: string;
            name: string;
            post: string;
            unit: string | null;
            unit_name: string;
        };
        /**
         * Measured
         * @description How the points were read off a thermal picture.
         *
         *         adjusted: `conditions` are not those that the camera wrote into the file. `reader` is the version of the decoder.
         */
        Measured: {
            adjusted: boolean;
            conditions: components["schemas"]["Conditions"];
            format: string;
            marks: components["schemas"]["Mark"][];
            photo: string;
            reader: number;
            /** @enum {unknown} */
            trust: "apparent" | "approximate" | "exact";
        };
        /**
         * Mend
         * @description What was done.
         */
        Mend: {
            measure: string;
            /** @default [] */
            photos?: components["schemas"]["Photo"][];
        };
        /**
         * MeterBox
         * @description One meter box 计量箱 with `positions` meter places; `ownership` decides who pays for a repair.
         */
        MeterBox: {
            address: string;
            area_name: string;
            code: string;
            /** @default null */
            lat?: number | null;
            /** @default null */
            lon?: number | null;
            /** @enum {unknown} */
            material: "metal" | "plastic";
            /** @default null */
            owner?: string | null;
            /** @enum {unknown} */
            ownership: "customer" | "property" | "utility";
            positions: number;
            /** @default null */
            seal?: string | null;
            unit: string;
        };
        /** MeterBoxPatch */
        MeterBoxPatch: {
            address?: string;
            area_name?: string;
            code?: string;
            lat?: number | null;
            lon?: number | null;
            /** @enum {unknown} */
            material?: "metal" | "plastic";
            owner?: string | null;
            /** @enum {unknown} */
            ownership?: "customer" | "property" | "utility";
            positions?: number;
            seal?: string | null;
            unit?: string;
        };
        /** MissingPhoto */
        MissingPhoto: {
            announced_at: string | null;
            device: string | null;
            role: string;
            sha256: string;
        };
        /** Moved */
        Moved: {
            after: number;
            before: number;
            is_over: boolean;
            person: string;
            unit: string;
            was_over: boolean;
        };
        /** Named */
        Named: {
            /** @default  */
            code?: string;
            /** @default  */
            en?: string;
            zh: string;
        };
        /**
         * Nothing
         * @description Data of an event that says all by its name.
         */
        Nothing: Record<string, never>;
        /** Notice */
        Notice: {
            /** Format: date-time */
            at: string;
            id: string;
            /** @enum {string} */
            kind: "job" | "return" | "deadline";
            open: boolean;
            page: string;
            read_at: string | null;
            record: string;
            record_kind: string;
            until: string | null;
        };
        /** Notices */
        Notices: {
            notices: components["schemas"]["Notice"][];
            /** Format: date-time */
            now: string;
            unread: number;
        };
        /** OnePhoto */
        OnePhoto: {
            records: [
                string,
                string
            ][];
            sent_at: string | null;
            sha256: string;
        };
        /** PartLine */
        PartLine: {
            coming: components["schemas"]["Published"][];
            draft_at: string | null;
            draft_by: string | null;
            effective_from: string | null;
            in_force: string;
            part: string;
            title: {
                [key: string]: string;
            } | null;
            withdrawn: boolean;
        };
        /** PartList */
        PartList: {
            parts: components["schemas"]["PartLine"][];
            today: string;
        };
        /**
         * Person
         * @description Somebody who works in a unit, until he leaves. Sign-in data and the times of his roles are not here but in the
         *         account.
         */
        Person: {
            name: string;
            post: string;
            /** @default null */
            profession?: string | null;
            roles: ("admin" | "auditor" | "crew" | "inspector" | "leader" | "manager" | "supervisor")[];
            unit: string;
            /** @default null */
            until?: string | null;
        };
        /** PersonPatch */
        PersonPatch: {
            name?: string;
            post?: string;
            profession?: string | null;
            roles?: ("admin" | "auditor" | "crew" | "inspector" | "leader" | "manager" | "supervisor")[];
            unit?: string;
            until?: string | null;
        };
        /** Phone */
        Phone: {
            announced: components["schemas"]["Announced"] | null;
            app_version: string;
            id: string;
            last_seen: string | null;
            name: string;
            person: string;
            report: components["schemas"]["Report"] | null;
            reported_at: string | null;
            revoked_at: string | null;
            skew_error_ms: number | null;
            skew_ms: number | null;
        };
        /** Phones */
        Phones: {
            /** Format: date-time */
            now: string;
            phones: components["schemas"]["Phone"][];
        };
        /**
         * Photo
         * @description Reference to a photo inside a body or an event; the field is always `photos: list[Photo]`.
         *
         *         `taken_at` is the phone's clock; `lat`, `lon` in degrees WGS 84, `accuracy_m` the 68 % radius. `place_age_ms`: how
         *         long before or after the photo that place was read. `heading_deg`: where the phone looked, from north eastwards.
         *         `origin`: by the app's own camera, by the phone's, out of its gallery or a file; None: not told.
         *         `copy_of`: the photo beside this one of which this is a marked copy; such a copy proves nothing by itself.
         */
        Photo: {
            /** @default null */
            accuracy_m?: number | null;
            /** @default null */
            copy_of?: string | null;
            /** @default null */
            heading_deg?: number | null;
            /** @default null */
            lat?: number | null;
            /** @default null */
            lon?: number | null;
            /** @default null */
            name?: string | null;
            /** @default null */
            origin?: ("app" | "camera" | "gallery" | "import") | null;
            /** @default null */
            place_age_ms?: number | null;
            role: string;
            sha256: string;
            size: number;
            /** Format: date-time */
            taken_at: string;
            type: string;
        };
        /** Photos */
        Photos: {
            here: number;
            missing: components["schemas"]["MissingPhoto"][];
            named: number;
        };
        /** PlannedRow */
        PlannedRow: {
            code: string;
            fields: {
                [key: string]: [
                    unknown,
                    unknown
                ];
            };
            id: string | null;
            row: number;
        };
        /**
         * Point
         * @description One measuring point, such as phase A of a clamp; temperature in °C.
         */
        Point: {
            label: string;
            temp_c: number;
        };
        /** Problem */
        Problem: {
            /** @enum {string} */
            code: "session_expired" | "bad_credentials" | "locked_out" | "origin_refused" | "forbidden" | "not_found" | "busy" | "already_settled" | "not_reopened" | "malformed" | "invalid" | "method_not_allowed" | "too_large" | "too_slow" | "unsupported_encoding" | "content_type" | "internal" | "unavailable" | "read_only" | "device_unknown" | "device_revoked" | "device_taken" | "device_fork" | "device_key_changed" | "gap" | "resync" | "schema_too_old" | "schema_too_new" | "exception_unknown" | "exception_settled" | "exception_choice" | "exception_changed" | "exception_refused" | "last_admin" | "name_taken" | "login_taken" | "unit_in_use" | "role_held" | "deputy_unfit" | "enrolment_ended" | "import_unreadable" | "import_bad_rows" | "import_changed" | "edited_meanwhile" | "day_in_the_past" | "too_many_forms" | "xlsform_unreadable" | "too_many_views" | "export_too_large" | "too_many_exports" | "receipt_incomplete" | "rescue_not_ours" | "rescue_too_large" | "rescue_offset" | "rescue_unknown" | "rescue_key_unknown" | "rescue_damaged" | "rescue_foreign" | "rescue_device_unknown" | "rescue_unproven" | "rescue_owner_closed" | "upload_header" | "tus_version" | "empty_upload" | "quota_exceeded" | "upload_unknown" | "upload_gone" | "upload_offset" | "upload_taken_over" | "checksum_algorithm" | "checksum_mismatch" | "hash_mismatch" | "not_a_photo" | "type_mismatch" | "photo_list" | "photo_unknown" | "view_unknown" | "view_missing" | "range" | "storage_full" | "store_unavailable";
            detail: string;
            status: number;
            title: string;
            type: string;
        };
        /** Proof */
        Proof: {
            code: string[];
            path: string;
            /** Format: date-time */
            received_at: string;
        };
        /** Proven */
        Proven: {
            /** Format: date-time */
            received_at: string;
            sha256: string;
            signed: boolean;
            size: number;
        };
        /** PublicKey */
        PublicKey: {
            created_at: string;
            id: string;
            public: string;
            purpose: string;
            retired_at: string | null;
        };
        /** PublicKeys */
        PublicKeys: {
            keys: components["schemas"]["PublicKey"][];
        };
        /** Published */
        Published: {
            at: string;
            by: string;
            by_name: string;
            effective_from: string;
            n: number;
            version: string;
        };
        /** Receipt */
        Receipt: {
            at: string;
            day: string;
            device: string;
            format: string;
            list: string;
            n: number;
            operations: number;
            org: string;
            person: string;
            photos: number;
            records: number;
            refused: number;
            zone: string;
        };
        /** Receipts */
        Receipts: {
            receipts: components["schemas"]["Latest"][];
        };
        /**
         * RecheckFailed
         * @description Why the repair did not do.
         */
        RecheckFailed: {
            reason: string;
        };
        /** RecordProven */
        RecordProven: {
            current: boolean;
            fingerprint: string;
            record: string;
            rev: number;
        };
        /** Recordings */
        Recordings: {
            video_bytes: number;
            video_seconds: number;
            voice_bytes: number;
            voice_seconds: number;
        };
        /**
         * Rectified
         * @description By which repair it was put right; whoever sent the event may not re-check it.
         */
        Rectified: {
            repair: string;
        };
        /**
         * Region
         * @description A rectangle on an upright photo, in shares of its width and height from the upper left corner.
         */
        Region: {
            h: number;
            w: number;
            x: number;
            y: number;
        };
        /** Registered */
        Registered: {
            device: string;
            epoch: number;
            limits: components["schemas"]["Limits"];
            min_schema: number;
            n: number;
            /** Format: date-time */
            now: string;
            schema: number;
            scopes: string[];
        };
        /**
         * Regrade
         * @description The record was mended and is now judged otherwise.
         */
        Regrade: {
            /** Format: date-time */
            deadline_at: string;
            /** @enum {unknown} */
            grade: "critical" | "general" | "serious";
            title: string;
            /** @default null */
            title_en?: string | null;
        };
        /**
         * Regraded
         * @description The defect behind the job was judged anew.
         */
        Regraded: {
            /** Format: date-time */
            deadline_at: string;
            /** @enum {unknown} */
            grade: "critical" | "general" | "serious";
            title: string;
            /** @default null */
            title_en?: string | null;
        };
        /**
         * Reject
         * @description Why a record counts for nothing.
         */
        Reject: {
            reason: string;
        };
        /**
         * Remark
         * @description What is to be mended, and where: a field of the record, or a photo and a rectangle on it.
         */
        Remark: {
            /** @default null */
            field?: string | null;
            /** @default null */
            photo?: string | null;
            /** @default null */
            region?: components["schemas"]["Region"] | null;
            text: string;
        };
        /** Remeasured */
        Remeasured: {
            marks: components["schemas"]["Reread"][];
            reason: string | null;
            /** @enum {string} */
            state: "agrees" | "differs" | "missing" | "unreadable";
            wrong: string[];
        };
        /**
         * Reopen
         * @description Why a decision is taken back.
         */
        Reopen: {
            reason: string;
        };
        /**
         * Repair
         * @description One job for one crew; `area` chooses the promise (45/90/120 minutes to arrive).
         */
        Repair: {
            /** @enum {unknown} */
            area: "remote" | "rural" | "urban";
            /** Format: date-time */
            deadline_at: string;
            /** @default null */
            defect?: string | null;
            /** @default null */
            equipment?: string | null;
            /** @enum {unknown} */
            grade: "critical" | "general" | "serious";
            /** @default null */
            meter_box?: string | null;
            place: string;
            /** Format: date-time */
            reported_at: string;
            title: string;
            /** @default null */
            title_en?: string | null;
            unit: string;
        };
        /** RepairPatch */
        RepairPatch: {
            /** @enum {unknown} */
            area?: "remote" | "rural" | "urban";
            /** Format: date-time */
            deadline_at?: string;
            defect?: string | null;
            equipment?: string | null;
            /** @enum {unknown} */
            grade?: "critical" | "general" | "serious";
            meter_box?: string | null;
            place?: string;
            /** Format: date-time */
            reported_at?: string;
            title?: string;
            title_en?: string | null;
            unit?: string;
        };
        /**
         * Reply
         * @description The author dealt with a remark of the last return: its place in that list, and what he says to it.
         */
        Reply: {
            remark: number;
            /** @default null */
            text?: string | null;
        };
        /** Report */
        Report: {
            app_version: string;
            attention: number;
            faults?: components["schemas"]["Fault"][];
            free_bytes?: number | null;
            persistent?: boolean | null;
            photo_bytes: number;
            photos: number;
            photos_since?: string | null;
            records: number;
            records_since?: string | null;
        };
        /** Reread */
        Reread: {
            agrees: boolean;
            label: string;
            noted_c: number;
            read_c: number | null;
        };
        /**
         * Restore
         * @description Power is back; at least one photo shows it, and who was there may sign for it.
         */
        Restore: {
            /** @default [] */
            answers?: components["schemas"]["Reply"][];
            /** @default null */
            note?: string | null;
            photos: components["schemas"]["Photo"][];
            /** @default null */
            signature?: components["schemas"]["Signature"] | null;
        };
        /** Retried */
        Retried: {
            n: number;
        };
        /**
         * Return
         * @description Why a record goes back to its author, which fields are meant, and the remarks pinned to their places.
         */
        Return: {
            /** @default [] */
            fields?: string[];
            reason: string;
            /** @default [] */
            remarks?: components["schemas"]["Remark"][];
        };
        /** Returned */
        Returned: {
            author: string | null;
            author_name: string;
            by_name: string;
            equipment: string | null;
            id: string;
            item: string | null;
            kind: string;
            late: boolean;
            meter_box: string | null;
            opened_at: string | null;
            reason: string;
            remarks: number;
            /** Format: date-time */
            returned_at: string;
            title: string | null;
            unit: string;
        };
        /** Returns */
        Returns: {
            /** Format: date-time */
            now: string;
            open_hours: number;
            returns: components["schemas"]["Returned"][];
        };
        /** Reused */
        Reused: {
            elsewhere: components["schemas"]["Elsewhere"][];
            hidden: boolean;
            sha256: string;
        };
        /** ReusedPhotos */
        ReusedPhotos: {
            photos: components["schemas"]["Reused"][];
        };
        /** ReviewerFigures */
        ReviewerFigures: {
            accepted: number;
            apart: boolean;
            differs: boolean;
            kappa: components["schemas"]["Estimate"] | null;
            leniency: components["schemas"]["Estimate"] | null;
            looks: number;
            name: string;
            person: string;
            same: number;
        };
        /** Reviewers */
        Reviewers: {
            days: number;
            kappa: components["schemas"]["Estimate"] | null;
            level: number;
            looks: number;
            reviewers: components["schemas"]["ReviewerFigures"][];
            units: components["schemas"]["UnitFigures"][];
            whole: boolean;
        };
        /** SavedView */
        SavedView: {
            name: string;
            query: string;
        };
        /** SavedViews */
        SavedViews: {
            views: components["schemas"]["SavedView"][];
        };
        /**
         * Second
         * @description What a second reviewer decided who did not know of the first decision; `agrees`: the same.
         */
        Second: {
            agrees: boolean;
            /** @default null */
            reason?: string | null;
            /**
             * @default accept
             * @enum {unknown}
             */
            said?: "accept" | "reject" | "return";
        };
        /** SecondLook */
        SecondLook: {
            /** Format: date-time */
            done_at: string;
            first_name: string;
            first_reason: string;
            first_said: string;
            grade: string;
            id: string;
            kind: string;
            mine: boolean;
            record: string;
            referee_name: string | null;
            second_name: string;
            second_reason: string;
            second_said: string;
            settled_at: string | null;
            settled_name: string | null;
            settled_reason: string | null;
            stands: string | null;
            state: string;
            unit: string;
        };
        /** SecondLooks */
        SecondLooks: {
            done: components["schemas"]["SecondLook"][];
            open: components["schemas"]["SecondLook"][];
            sealed: string[];
        };
        /** Settle */
        Settle: {
            /** @enum {string} */
            choice: "keep" | "take" | "let_be";
            fields?: string[];
            /** @default  */
            reason?: string;
            /** @default 0 */
            rev?: number;
        };
        /** Settling */
        Settling: {
            /** @enum {string} */
            choice: "keep" | "reopen";
            /** @default  */
            reason?: string;
        };
        /**
         * Signature
         * @description Drawn on site by the person named, stored with the record itself.
         *
         *         `strokes` is an SVG path of straight lines in whole units of a field 1000 wide and 600 high; nothing else passes.
         */
        Signature: {
            name: string;
            /** Format: date-time */
            signed_at: string;
            strokes: string;
        };
        /** Staff */
        Staff: {
            /** Format: date-time */
            now: string;
            people: components["schemas"]["StaffPerson"][];
            units: components["schemas"]["StaffUnit"][];
        };
        /** StaffPerson */
        StaffPerson: {
            id: string;
            login: string | null;
            name: string;
            post: string;
            profession: string | null;
            roles: components["schemas"]["HeldRole"][];
            unit: string;
            until: string | null;
        };
        /** StaffUnit */
        StaffUnit: {
            area: string;
            id: string;
            level: string;
            name: string;
            name_en: string | null;
            parent: string | null;
            until: string | null;
        };
        /** Standing */
        Standing: {
            file: string;
            offset: number;
            state: string;
        };
        /**
         * Submit
         * @description A record that was returned is handed in with the answers to its remarks.
         */
        Submit: {
            /** @default [] */
            answers?: components["schemas"]["Reply"][];
        };
        /** Taken */
        Taken: {
            kept: number;
        };
        /**
         * Touched
         * @description When one item of a form was first answered and last changed, by the phone's clock. `at` is the field's name,
         *         or the path of an answer to a sheet.
         */
        Touched: {
            at: string;
            /** Format: date-time */
            first: string;
            /** Format: date-time */
            last: string;
        };
        /** Trial */
        Trial: {
            changed: number;
            decisions: number;
            people: components["schemas"]["Moved"][];
            units: components["schemas"]["UnitChange"][];
        };
        /** TrialEntries */
        TrialEntries: {
            entries: components["schemas"]["Compared"][];
        };
        /** TrialPage */
        TrialPage: {
            cap_after: number;
            cap_before: number;
            cycle: string;
            cycles: components["schemas"]["TrialYear"][];
            old_is_exact: boolean;
            trial: components["schemas"]["Trial"];
        };
        /** TrialYear */
        TrialYear: {
            cycle: string;
            decisions: number;
        };
        /**
         * Unit
         * @description A county unit or one of its stations; `area` chooses the service promises that bind it. From `until` on it is
         *         closed: nobody works there and nothing new is put there, and what names it goes on naming it.
         */
        Unit: {
            /** @enum {unknown} */
            area: "remote" | "rural" | "urban";
            /** @enum {unknown} */
            level: "county" | "station";
            name: string;
            /** @default null */
            name_en?: string | null;
            /** @default null */
            parent?: string | null;
            /** @default null */
            until?: string | null;
        };
        /** UnitChange */
        UnitChange: {
            after: number;
            before: number;
            changed: number;
            decisions: number;
            newly_over: number;
            no_longer_over: number;
            unit: string;
        };
        /** UnitFigures */
        UnitFigures: {
            kappa: components["schemas"]["Estimate"] | null;
            leniency: components["schemas"]["Estimate"] | null;
            looks: number;
            same: number;
            unit: string;
        };
        /** UnitPatch */
        UnitPatch: {
            /** @enum {unknown} */
            area?: "remote" | "rural" | "urban";
            /** @enum {unknown} */
            level?: "county" | "station";
            name?: string;
            name_en?: string | null;
            parent?: string | null;
            until?: string | null;
        };
        /**
         * Violation
         * @description An accepted finding against a person, with the points that the rules propose for it.
         */
        Violation: {
            base_points: number;
            catalogue: string;
            /** @default false */
            complaint?: boolean;
            fact: string;
            /** @default false */
            false_evidence?: boolean;
            finder: string;
            finding: string;
            /** Format: date-time */
            happened_at: string;
            item: string;
            modifiers: string[];
            person: string;
            photos: components["schemas"]["Photo"][];
            proposed_points: number;
            rule: string;
            /** @default false */
            self_reported?: boolean;
            unit: string;
        };
        /** ViolationPatch */
        ViolationPatch: {
            base_points?: number;
            catalogue?: string;
            complaint?: boolean;
            fact?: string;
            false_evidence?: boolean;
            finder?: string;
            finding?: string;
            /** Format: date-time */
            happened_at?: string;
            item?: string;
            modifiers?: string[];
            person?: string;
            photos?: components["schemas"]["Photo"][];
            proposed_points?: number;
            rule?: string;
            self_reported?: boolean;
            unit?: string;
        };
        /** Waiting */
        Waiting: {
            devices: components["schemas"]["Announced"][];
        };
        /** Waits */
        Waits: {
            events: string[];
            roles: string[];
            /** Format: date-time */
            since: string;
        };
        /** WayOut */
        WayOut: {
            failing_since: string | null;
            reaches: boolean;
            way: string;
        };
        /** WayState */
        WayState: {
            error: string;
            failed_at: string | null;
            failing_since: string | null;
            held: number;
            ok_at: string | null;
            set_up: boolean;
            waiting: number;
            way: string;
        };
        /** WayStates */
        WayStates: {
            /** Format: date-time */
            now: string;
            ways: components["schemas"]["WayState"][];
        };
        /** Ways */
        Ways: {
            choice: components["schemas"]["Choice"];
            company_quiet: string;
            devices: string[];
            push_key: string | null;
            urgent: boolean;
            ways: components["schemas"]["WayOut"][];
            webhook_style: string | null;
        };
        /** Where */
        Where: {
            asked: string;
            deleted: components["schemas"]["Deleted"] | null;
            here: components["schemas"]["Here"] | null;
            id: string;
            kind: string;
            photo: components["schemas"]["OnePhoto"] | null;
            photos: components["schemas"]["Photos"] | null;
            state: string;
            steps: components["schemas"]["sync_where_Step"][];
        };
        /** ZeroCount */
        ZeroCount: {
            before: number;
            n: number;
            unit: string;
            zero: string;
        };
        /** Zeros */
        Zeros: {
            counts: components["schemas"]["ZeroCount"][];
        };
        /** Step */
        backend_features_points_rules_Step: {
            at: number;
            en: string;
            reached: boolean;
            zh: string;
        };
        /** Step */
        sync_where_Step: {
            at: string | null;
            code: string;
            device: string;
            device_name: string | null;
            n: number;
            op: string;
            payload: {
                [key: string]: unknown;
            } | null;
            person: string;
            received_at: string;
            rev: number;
            skew_error_ms: number | null;
            skew_ms: number;
            status: string;
            type: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    BaseMapAbout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaseMapAbout"] | null;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    BaseMapFile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SendCaptures: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Taken"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    CountCoverage: {
        parameters: {
            query?: {
                kind?: string;
                since?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Coverage"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ListDevices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Devices"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    RegisterDevice: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Registered"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SubscribePush: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                device: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    UnsubscribePush: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                device: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ReportPhone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                device: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    RevokeDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                device: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ListEditions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PartList"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    CheckEdition: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DraftCheck"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SaveEdition: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Editing"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    EditionDraft: {
        parameters: {
            query?: {
                part?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Editing"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    PublishEdition: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Editing"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    EditionBody: {
        parameters: {
            query?: {
                part?: string;
                version?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EditionBody"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ImportXlsForm: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Imported"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ImportEquipmentTable: {
        parameters: {
            query?: {
                digest?: string;
                register?: "equipment" | "meter_box";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportDone"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    CheckEquipmentTable: {
        parameters: {
            query?: {
                register?: "equipment" | "meter_box";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportPlan"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ListExports: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LongExports"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    StartExport: {
        parameters: {
            query?: {
                kind?: string;
                status?: string;
                grade?: string;
                unit?: string;
                person?: string;
                thing?: string;
                since?: string;
                until?: string;
                q?: string;
                ids?: string;
                zero?: string;
                unseen?: string;
                sort?: string;
                what?: "csv" | "xlsx" | "photos" | "dossier";
                lang?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request accepted, processing continues off-line */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LongExport"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ExportDossier: {
        parameters: {
            query?: {
                kind?: string;
                status?: string;
                grade?: string;
                unit?: string;
                person?: string;
                thing?: string;
                since?: string;
                until?: string;
                q?: string;
                ids?: string;
                zero?: string;
                unseen?: string;
                sort?: string;
                lang?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pdf": string;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    FetchExport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description File Download */
            200: {
                headers: {
                    /** @description File size in bytes */
                    "content-length"?: string;
                    /** @description Entity tag */
                    etag?: string;
                    /** @description Last modified data-time in RFC 2822 format */
                    "last-modified"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "": string;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ExportPhotos: {
        parameters: {
            query?: {
                kind?: string;
                status?: string;
                grade?: string;
                unit?: string;
                person?: string;
                thing?: string;
                since?: string;
                until?: string;
                q?: string;
                ids?: string;
                zero?: string;
                unseen?: string;
                sort?: string;
                lang?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Stream Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": unknown;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ExportCsv: {
        parameters: {
            query?: {
                kind?: string;
                status?: string;
                grade?: string;
                unit?: string;
                person?: string;
                thing?: string;
                since?: string;
                until?: string;
                q?: string;
                ids?: string;
                zero?: string;
                unseen?: string;
                sort?: string;
                lang?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Stream Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": unknown;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ExportXlsx: {
        parameters: {
            query?: {
                kind?: string;
                status?: string;
                grade?: string;
                unit?: string;
                person?: string;
                thing?: string;
                since?: string;
                until?: string;
                q?: string;
                ids?: string;
                zero?: string;
                unseen?: string;
                sort?: string;
                lang?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Stream Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": unknown;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    CancelExport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                export: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ListDeadJobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadJobs"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    RetryJobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Retried"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    RetryJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Retried"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ListKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicKeys"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ListRecords: {
        parameters: {
            query?: {
                kind?: string;
                status?: string;
                grade?: string;
                unit?: string;
                person?: string;
                thing?: string;
                since?: string;
                until?: string;
                q?: string;
                ids?: string;
                zero?: string;
                unseen?: string;
                sort?: string;
                after?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListPage"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ListViews: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedViews"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SaveView: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ForgetView: {
        parameters: {
            query?: {
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ListMarks: {
        parameters: {
            query?: {
                kind?: string;
                status?: string;
                grade?: string;
                unit?: string;
                person?: string;
                thing?: string;
                since?: string;
                until?: string;
                q?: string;
                ids?: string;
                zero?: string;
                unseen?: string;
                sort?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListMarks"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ListOnMap: {
        parameters: {
            query?: {
                kind?: string;
                status?: string;
                grade?: string;
                unit?: string;
                person?: string;
                thing?: string;
                since?: string;
                until?: string;
                q?: string;
                ids?: string;
                zero?: string;
                unseen?: string;
                sort?: string;
                box?: string;
                zoom?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MapCells"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ListNotices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notices"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ChooseNotices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ReadNotices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    GetNoticeState: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WayStates"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    GetNoticeWays: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ways"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ListPhones: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Phones"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    MissingPhotos: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    PhotoCapture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Judged"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    PhotoFacts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    PhotoProof: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Proof"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    PhotoView: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
                view: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Ledger: {
        parameters: {
            query?: {
                after?: number;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LedgerPage"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    LedgerChain: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChainState"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    MyPoints: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    PointsOf: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                person: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    TryRules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrialPage"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    TriedEntries: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrialEntries"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ListReceipts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipts"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    GiveReceipt: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Given"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Remeasured: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Remeasured"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ReusedPhotos: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReusedPhotos"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ListRescueFiles: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Listed"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SendRescueFile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Standing"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    RescueFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Standing"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    BringInRescueFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Standing"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    OpenRescueFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Inside"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    RescueKept: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptAside"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ListReturns: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Returns"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Reviewers: {
        parameters: {
            query?: {
                days?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reviewers"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SecondLooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondLooks"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SettleSecondLook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                look: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Settling"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondLook"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    GetSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SignIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SignOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": null;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SignInByCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    GetStaff: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Staff"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    AddPerson: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ChangePerson: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                person: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    InviteDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                person: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invited"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SetPassword: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                person: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    GiveRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                person: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    EndRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                person: string;
                grant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    AddUnit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ChangeUnit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                unit: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SyncAudit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Exceptions: {
        parameters: {
            query?: {
                settled?: boolean;
                mine?: boolean;
                device?: string | null;
                before?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ExceptionOne: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                device: string;
                n: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SettleException: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                device: string;
                n: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Settle"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SyncLacking: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SyncPull: {
        parameters: {
            query?: {
                cursor?: string | null;
                limit?: number;
                schema?: number;
                level?: number | null;
                again?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    SyncPush: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    WaitingPhotos: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Waiting"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Where: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Where"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    CreateUpload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": null;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    TerminateUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": null;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    UploadOffset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": null;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    AppendUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": null;
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    VerifyRecord: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordProven"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    VerifyPhoto: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Proven"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    CountZeros: {
        parameters: {
            query?: {
                since?: string;
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Zeros"];
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Alive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: string;
                    };
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: string;
                    };
                };
            };
            /** @description refused, see docs/problems.md */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
