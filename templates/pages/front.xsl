<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:template match="page" mode="content">
<h1>Secrets, kept sealed</h1>
<p class="lead">Strongroom stores operational secrets and provider credentials encrypted, audits every change, and masks them in all that leaves the system.</p>
<xsl:apply-templates select="front/error" mode="section"/>
<xsl:apply-templates select="front"/>
</xsl:template>

<xsl:template match="front[@set-up='open']">
<div class="panel notice" id="front-setup-open">
<h2>Set-up is open</h2>
<p>This instance has no owner yet. Use the one-time link that was printed when the server started, or look at the system check.</p>
<p><a class="button" href="/setup">Go to set-up</a></p>
</div>
</xsl:template>

<xsl:template match="front[../visitor/@signed-in='yes']" priority="2">
<xsl:apply-templates select="@providers[.='open']"/>
<h2>Where to go</h2>
<ul class="cards">
<li><a href="/settings/security">Security settings</a><p>Store or rotate a secret; see key versions, rotation times and history.</p></li>
<li><a href="/projects">Projects and runs</a><p>What agents’ runs find in their environment, and what they said, masked.</p></li>
<li><a href="/status">Status</a><p>Database, schema, root key, redaction and audit.</p></li>
<li><a href="/errors">Error catalogue</a><p>What each error means and what to do about it.</p></li>
</ul>
</xsl:template>

<xsl:template match="front/@providers">
<div class="panel notice" id="front-finish-setup">
<h2>Finish set-up</h2>
<p>No provider’s credential is proved yet. Store one, and it is checked; set-up is complete with one provider that is active. Nothing of the site waits for it.</p>
<p><a class="button" href="/setup">Set up providers</a></p>
</div>
</xsl:template>

<xsl:template match="front">
<p><a class="button" href="/login">Sign in</a></p>
<p class="fine"><a href="/setup">System check</a></p>
</xsl:template>
</xsl:stylesheet>
