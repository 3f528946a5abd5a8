"""What a button does, for those who rest the mouse on it."""

BUTTONS = {
    "Make what a job file lists, as the command line's batch does: what is whole already is left":
        "Erzeugen, was eine Auftragsdatei aufzählt, wie batch auf der Befehlszeile: Was schon fertig ist, bleibt",
    "Enlarge the maps of scans, as the command line's upscale does": "Die Maps von Scans vergrößern, wie upscale auf der Befehlszeile",
    "Render portraits, turntables and contact sheets of faces in a Blender of their own, as the command line's render does":
        "Porträts, Drehtische und Kontaktabzüge von Gesichtern in einem eigenen Blender rendern, wie render auf der Befehlszeile",
    "Make an asset library of people who differ, in a Blender of its own, as the command line's population does":
        "Eine Asset-Bibliothek verschiedener Personen in einem eigenen Blender erzeugen, wie population auf der Befehlszeile",
    "Let Cycles dice the mesh as finely as the picture needs, so that pores and wrinkles are real geometry. Needs memory":
        "Cycles das Mesh so fein unterteilen lassen, wie das Bild es braucht: Poren und Falten werden echte Geometrie. Braucht Speicher",
    "Make the maps of this face as files, and put them on the active object, or on a new preview head. Pressed again meanwhile, the next bake waits for its turn. From scripts, every input that is not given is the scene's":
        "Die Maps dieses Gesichts als Dateien erzeugen und auf das aktive Objekt oder einen neuen Vorschaukopf legen. Währenddessen noch einmal gedrückt, wartet der nächste Backvorgang, bis er an der Reihe ist. In Skripten gilt für fehlende Angaben die Szene",
    "Take this bake out of the queue": "Diesen Backvorgang aus der Warteschlange nehmen",
    "Make the missing maps of the scan. In a window, the result waits for Accept or Discard. From scripts, every setting that is not given is the scene's":
        "Die fehlenden Maps des Scans erzeugen. Im Fenster wartet das Ergebnis auf Übernehmen oder Verwerfen. In Skripten gilt für fehlende Angaben die Szene",
    "Put the completed maps on the object: into its face material where it wears one, else in a new material":
        "Die vervollständigten Maps auf das Objekt legen: in sein Gesichtsmaterial, sonst in ein neues Material",
    "Remove the files of the completed maps; everything is as before":
        "Die Dateien der vervollständigten Maps entfernen; alles ist wie vorher",
    "Check driver, torch, memory, disk, model and worker, in about ten seconds. Each line is good, or has its fix":
        "Treiber, torch, Speicher, Festplatte, Modell und Arbeitsprozess prüfen, in etwa zehn Sekunden. Jede Zeile ist gut oder nennt ihre Abhilfe",
    "Copy what the doctor found, to paste into a message. Your home folder and passwords are left out":
        "Das Ergebnis der Diagnose kopieren, um es in eine Nachricht einzufügen. Persönlicher Ordner und Passwörter werden weggelassen",
    "Add a head whose UV map fits the sampled maps, and make it the active object":
        "Einen Kopf hinzufügen, dessen UV-Map zu den erzeugten Maps passt, und zum aktiven Objekt machen",
    "Show the face of the sliders on the head while you move them. Switched off, the maps that were there before come back; a face that had none keeps the last preview":
        "Das Gesicht der Regler beim Bewegen auf dem Kopf zeigen. Ausgeschaltet kommen die vorherigen Maps zurück; ein Gesicht ohne Maps behält die letzte Vorschau",
    "Set all sliders to this look": "Alle Regler auf diesen Look setzen",
    "Keep what the sliders show now in the history": "Den Stand der Regler im Verlauf behalten",
    "Give this look a star, or take it away. Looks with a star are never forgotten":
        "Diesem Look einen Stern geben oder nehmen. Looks mit Stern werden nie vergessen",
    "Take the chosen look out of the history; the sliders stay as they are":
        "Den gewählten Look aus dem Verlauf nehmen; die Regler bleiben, wie sie sind",
    "Move the chosen look in the list": "Den gewählten Look in der Liste verschieben",
    "Forget every look without a star": "Jeden Look ohne Stern vergessen",
    "Remember what the sliders show now in this slot": "Den Stand der Regler in diesem Platz merken",
    "Set all sliders to the look in this slot": "Alle Regler auf den Look in diesem Platz setzen",
    "Exchange A and B": "A und B vertauschen",
    "Let go of the model and give its memory back, to the graphics card too; the next face loads it again by itself":
        "Das Modell loslassen und seinen Speicher zurückgeben, auch den der Grafikkarte; das nächste Gesicht lädt es von selbst wieder",
    "Click the points of the face in an Image Editor, by which the scan is aligned. From scripts: gantlitz.scan_point and gantlitz.scan_load_points":
        "Die Punkte des Gesichts, nach denen der Scan ausgerichtet wird, in einem Bildeditor anklicken. In Skripten: gantlitz.scan_point und gantlitz.scan_load_points",
    "Set seed, variety and detail to those of the face on the active object":
        "Seed, Vielfalt und Detail auf die des Gesichts auf dem aktiven Objekt setzen",
    "Set the sliders to the face that a map (PNG, EXR) or a *_recipe.json was made from. Files can be dropped here too":
        "Die Regler auf das Gesicht setzen, aus dem eine Map (PNG, EXR) oder eine *_recipe.json entstand. Dateien lassen sich auch hierher ziehen",
    "Install torch in a folder of its own, for all Blender versions. Says first how much is downloaded and where it goes":
        "torch in einen eigenen Ordner für alle Blender-Versionen installieren. Sagt vorher, wie viel geladen wird und wohin",
    "Delete the installed runtime: only the folder that Install made. Faces that you have made stay":
        "Die installierte Laufzeit löschen: nur den Ordner, den Installieren angelegt hat. Erzeugte Gesichter bleiben",
    "Stop installing. What was downloaded is kept, and Install goes on from there":
        "Die Installation anhalten. Geladenes bleibt, und Installieren macht dort weiter",
    "Sample four registered maps of a face and put them on the active object, or on a new preview head. From scripts, every input that is not given is the scene's":
        "Vier deckungsgleiche Maps eines Gesichts erzeugen und auf das aktive Objekt oder einen neuen Vorschaukopf legen. In Skripten gilt für fehlende Angaben die Szene",
    "Stop what is being made, and what waits behind it; nothing half-written stays":
        "Was gerade entsteht und was dahinter wartet, anhalten; nichts Halbfertiges bleibt",
    "Take the maps that are wired in the active material: the images behind Base Color, Specular IOR Level, the Normal Map and the Displacement":
        "Die im aktiven Material verbundenen Maps nehmen: die Bilder hinter Base Color, Specular IOR Level, Normal Map und Displacement",
    "Place a point of the scan, or move it, in pixels from the upper left corner of its albedo":
        "Einen Punkt des Scans setzen oder verschieben, in Pixeln von der linken oberen Ecke seiner Albedo",
    "Remove a point of the scan": "Einen Punkt des Scans entfernen",
    "Remove all points of the scan": "Alle Punkte des Scans entfernen",
    "Take the points from a points.json, in place of those that are here": "Die Punkte aus einer points.json statt der jetzigen nehmen",
    "Write the points to a points.json, as the command line takes it":
        "Die Punkte in eine points.json schreiben, wie die Kommandozeile sie liest",
    "Go to the next or the previous seed": "Zum nächsten oder vorherigen Seed gehen",
    "Take a seed at random": "Einen zufälligen Seed nehmen",
    "Show this add-on's preferences: the Python that has torch, and the default model":
        "Die Einstellungen dieses Add-ons zeigen: das Python mit torch und das Standardmodell",
    "Show many seeds at once as small pictures, with the look that is set now. Nothing in the scene changes until you pick one. From scripts it waits until all are there":
        "Viele Seeds auf einmal als kleine Bilder zeigen, mit dem jetzigen Look. In der Szene ändert sich nichts, bis einer gewählt wird. In Skripten wird gewartet, bis alle da sind",
    "Go on to other seeds": "Zu anderen Seeds weitergehen",
    "Make no more thumbnails; those that are there stay": "Keine weiteren Vorschaubilder erzeugen; die vorhandenen bleiben",
    "Keep the sheet as one image in this .blend, to look at in an Image Editor":
        "Den Abzug als ein Bild in dieser .blend behalten, zum Ansehen im Bildeditor",
    "Take this seed": "Diesen Seed nehmen",
    "Take this seed: the face settings stay as they are": "Diesen Seed nehmen: Die übrigen Einstellungen bleiben",
    "Put the head into a portrait studio: an 85 mm camera, key, fill and rim light and a backdrop, in a collection of their own. Adds the preview head where there is none. Press again to set it right":
        "Den Kopf in ein Porträtstudio stellen: 85-mm-Kamera, Führungs-, Füll- und Kantenlicht und Hintergrund in einer eigenen Collection. Fügt den Vorschaukopf hinzu, wo keiner ist. Noch einmal drücken, um alles zurechtzurücken",
    "Take another seed at random": "Einen anderen zufälligen Seed nehmen",
    "Take back the seed of its own of this scale: it goes with the detail seed again":
        "Den eigenen Seed dieser Größenordnung zurücknehmen: Sie folgt wieder dem Detail-Seed",
    "Take features, forms and texture from one other face; set how much of each afterwards":
        "Gesichtszüge, Formen und Textur aus einem anderen Gesicht nehmen; danach einstellen, wie viel wovon",
    "Put the sliders of this group back": "Die Regler dieser Gruppe zurücksetzen",
    "Add what the sliders show now to the end of the walk": "Den Stand der Regler ans Ende des Rundgangs setzen",
    "Add every look with a star to the end of the walk, in the order of the list":
        "Jeden Look mit Stern in der Reihenfolge der Liste ans Ende des Rundgangs setzen",
    "Take the chosen look out of the walk": "Den gewählten Look aus dem Rundgang nehmen",
    "Move the chosen look earlier or later in the walk": "Den gewählten Look im Rundgang nach vorn oder hinten verschieben",
    "Take all looks out of the walk; its keys stay": "Alle Looks aus dem Rundgang nehmen; seine Keyframes bleiben",
    "Set keys so that the face goes from the first look of the walk to the last. Keys that the walk has are replaced":
        "Keyframes setzen, sodass das Gesicht vom ersten Look des Rundgangs zum letzten geht. Vorhandene Keyframes des Rundgangs werden ersetzt",
    "Make the maps of every frame of the walk and put them on the face as image sequences: the animation then renders anywhere, without the model. Frames that are there already are not made again":
        "Die Maps jedes Frames des Rundgangs erzeugen und als Bildsequenzen auf das Gesicht legen: Die Animation rendert dann überall, ohne das Modell. Vorhandene Frames entstehen nicht noch einmal",
}
